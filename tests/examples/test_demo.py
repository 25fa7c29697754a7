"""The main job does what the README says."""

import xml.etree.ElementTree as xml

import demo


def test_the_demo_reaches_the_certified_parameters(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert demo.main() == 0
    out = capsys.readouterr().out
    for words in ("v̄₋₁ += v̄₁/v₋₁", "−13.72", "exact Jacobians", "out/graph.svg"):
        assert words in out
    root = xml.parse(tmp_path / "out" / "graph.svg").getroot()
    assert root.tag.endswith("svg")
