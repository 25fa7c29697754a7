"""One picture of both sweeps: the right numbers, in valid SVG, DOT and Mermaid."""

import dataclasses
import re
import sys
import time
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest

from wengert.errors import ArgumentError, WengertError
from wengert.explanation.captions import place_captions
from wengert.explanation.draw import draw
from wengert.explanation.lettering import LINE, text_width
from wengert.explanation.picture import make_picture, short_value
from wengert.explanation.placement import place
from wengert.explanation.sweeps import Sweeps

A = np.arange(12.0).reshape(3, 4) / 10
B = np.ones(3)


def t1(x1, x2):
    return np.log(x1) + x1 * x2 - np.sin(x2)


def t2(x1, x2):
    v1, v3 = x1 / x2, np.exp(x2)
    v4 = v1 - v3
    return (np.sin(v1) + v4) * v4


def t3(x, y, z):
    return x * y * np.sin(y * z)


def t6(x):
    return 3 * x**2 + 2 * x


def loop(x, y):
    z = x
    for _ in range(10):
        z = np.sin(z) * y + x
    return z


def layer(x):
    h = np.tanh(A @ x + B)
    return h.sum(), (h * h)[0]


def unused(x, y, z):
    return x * x * np.maximum(x, 0.0), y, 3.0


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


PROGRAMS = {
    "t1": (t1, (2.0, 5.0)),
    "t2": (t2, (1.5, 0.5)),
    "t3": (t3, (3.0, -1.0, 2.0)),
    "t6": (t6, (5.0,)),
    "loop": (loop, (0.3, 0.4)),
    "layer": (layer, (np.ones(4),)),
    "unused": (unused, (1.0, 2.0, 3.0)),
    "rosenbrock": (rosenbrock, (np.arange(4.0),)),
    "identity": (lambda x: x, (2.0,)),
    "constant": (lambda x: 3.0, (2.0,)),
    "twice": (lambda x: (x * x, x * x), (2.0,)),
    "several outputs of one": (lambda x: np.linalg.qr(x), (A[:, :3] + np.eye(3),)),
    "complex": (lambda z: z * np.exp(z), (1 + 2j,)),
    "undefined": (lambda x: np.log(x) / x, (0.0,)),
    "branches": (lambda x: np.where(x > 0, np.sqrt(np.abs(x)), x), (A[0],)),
}

each_program = pytest.mark.parametrize(
    "sweeps", [Sweeps.of(*program) for program in PROGRAMS.values()], ids=[*PROGRAMS]
)


def picture_of(name):
    return make_picture(Sweeps.of(*PROGRAMS[name]))


def texts(svg):
    return [node.text for node in ElementTree.fromstring(svg).iter() if node.text]


# ----- what is shown -----


def test_t1_shows_the_numbers_of_the_lecture():
    picture = picture_of("t1")
    assert picture.title == "y = t1(x1, x2)"
    shown = [(n.symbol, n.lines[0].forward, n.lines[0].backward) for n in picture.nodes]
    assert shown == [
        ("x1", "v₋₁ = 2", "v̄₋₁ = 5.5"),
        ("x2", "v₀ = 5", "v̄₀ = 1.716"),
        ("ln", "v₁ = 0.6931", "v̄₁ = 1"),
        ("×", "v₂ = 10", "v̄₂ = 1"),
        ("sin", "v₃ = −0.9589", "v̄₃ = −1"),
        ("+", "v₄ = 10.69", "v̄₄ = 1"),
        ("−", "v₅ = 11.65", "v̄₅ = 1"),
        ("y", "= v₅", "ȳ = 1"),
    ]
    shares = {(e.source, e.target): (e.forward, e.backward) for e in picture.edges}
    assert shares[0, 2] == ("2", "0.5") and shares[0, 3] == ("2", "5")
    assert shares[1, 3] == ("5", "2") and shares[1, 4] == ("5", "−0.2837")


def test_t3_shows_the_numbers_of_the_lecture():
    lines = [node.lines[0] for node in picture_of("t3").nodes]
    assert [line.forward.split()[-1] for line in lines[3:7]] == [
        "−3", "−2", "−0.9093", "2.728",
    ]  # fmt: skip
    assert [line.backward.split()[-1] for line in lines[:3]] == [
        "0.9093", "−0.231", "−1.248",
    ]  # fmt: skip


def test_t6_is_an_expression_tree():
    picture = picture_of("t6")
    symbols = [node.symbol for node in picture.nodes]
    assert symbols == ["x", "( )²", "3 ×", "2 ×", "+", "y"]
    assert [e.backward for e in picture.edges if e.source == 0] == ["30", "2"]


@each_program
def test_shares_add_up_to_the_adjoint(sweeps):
    total = {}
    for line in sweeps.accumulations:
        total[line.var] = total.get(line.var, 0) + line.contribution
    for var, share in total.items():
        np.testing.assert_allclose(share, sweeps.adjoints[var])
    picture = make_picture(sweeps)
    carried = sum(edge.backward is not None for edge in picture.edges)
    assert carried == len(sweeps.accumulations)


def test_arrays_show_shape_and_norm():
    picture = picture_of("layer")
    assert picture.nodes[1].kind == "captured"
    assert picture.nodes[1].lines[0].forward == "[3,4] ‖2.25‖"
    assert short_value(np.full((2, 2), 0.5)) == "[2,2] ‖1‖"
    assert short_value(np.array([True, False])) == "[2] 1 true"


def test_an_arrow_says_which_of_several_outputs_it_carries():
    picture = picture_of("several outputs of one")
    assert [e.forward.split()[0] for e in picture.edges[-2:]] == ["v₂", "v₃"]


def test_captured_arrays_have_no_adjoint():
    picture = picture_of("layer")
    captured = [k for k, node in enumerate(picture.nodes) if node.kind == "captured"]
    assert len(captured) == 2
    for k in captured:
        assert not picture.nodes[k].lines[0].backward
        assert all(e.backward is None for e in picture.edges if e.source == k)


def test_comparisons_carry_nothing_back():
    picture = picture_of("branches")
    greater = next(k for k, n in enumerate(picture.nodes) if n.symbol.startswith(">"))
    assert all(e.backward is None for e in picture.edges if e.source == greater)


def test_an_input_used_late_is_drawn_again():
    again = [node for node in picture_of("loop").nodes if node.kind == "input again"]
    assert len(again) > 10 and {node.symbol for node in again} == {"x", "y"}
    assert not any(node.lines for node in again)


def test_symbols_hold_the_numbers_that_are_no_nodes():
    def f(x, v):
        return (2 - x) / 7 + x**-2 + 2**x + np.maximum(x, 0.5) + v[1] + v[0:2].sum()

    nodes = make_picture(Sweeps.of(f, (1.0, np.ones(3)))).nodes
    symbols = {node.symbol for node in nodes}
    assert symbols >= {"2 −", "/ 7", "( )⁻²", "2 ^ ( )", "max(·, 0.5)", "[1]", "[0:2]"}


def test_without_adjoints_the_values_alone_are_drawn():
    sweeps = Sweeps.of(*PROGRAMS["t1"])
    sweeps = dataclasses.replace(sweeps, adjoints={})
    picture = make_picture(sweeps)
    assert not picture.has_adjoints
    assert all(edge.backward is None for edge in picture.edges)
    assert "adjoint" not in "".join(texts(draw(sweeps)))


# ----- where it stands -----


@each_program
def test_boxes_and_numbers_do_not_cover_each_other(sweeps):
    placement = place(make_picture(sweeps))
    rectangles = [(b.x, b.y, b.x + b.width, b.y + b.height) for b in placement.boxes]
    for a, b in combinations(rectangles, 2):
        assert not overlap(a, b)
    for x0, y0, x1, y1 in rectangles:
        assert x0 >= -0.01 and y0 >= -0.01
        assert x1 <= placement.width + 0.01 and y1 <= placement.height + 0.01
    for caption in place_captions(placement):
        point = (caption.x, caption.y, caption.x, caption.y)
        assert not any(overlap(point, box) for box in rectangles)


def overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


@each_program
def test_arrows_run_from_box_to_box(sweeps):
    placement = place(make_picture(sweeps))
    for arrow in placement.arrows:
        ends = (arrow.curves[0][0], arrow.curves[-1][3])
        boxes = placement.boxes[arrow.edge.source], placement.boxes[arrow.edge.target]
        for (x, y), box in zip(ends, boxes, strict=True):
            assert box.x - 0.1 <= x <= box.x + box.width + 0.1
            assert box.y - 0.1 <= y <= box.y + box.height + 0.1
        for a, b in zip(arrow.curves, arrow.curves[1:], strict=False):
            assert a[3] == b[0]


@each_program
def test_texts_fit_their_boxes(sweeps):
    for box in place(make_picture(sweeps)).boxes:
        for line in box.node.lines:
            assert box.divide + 10 + text_width(line.forward, LINE) <= box.width
            assert box.divide + 10 + text_width(line.backward, LINE) <= box.width


def test_few_layers_run_from_left_to_right_and_many_from_top_to_bottom():
    wide, tall = place(picture_of("t1")), place(picture_of("loop"))
    assert wide.width > wide.height and tall.height > 3 * tall.width


def test_inputs_of_a_small_drawing_stand_in_one_column_in_their_order():
    boxes = place(picture_of("t3")).boxes[:3]
    assert len({box.x for box in boxes}) == 1
    assert boxes[0].y < boxes[1].y < boxes[2].y


# ----- SVG -----


@each_program
def test_svg_is_valid_xml_and_shows_every_text(sweeps):
    svg = draw(sweeps)
    shown = texts(svg)
    picture = make_picture(sweeps)
    for node in picture.nodes:
        assert node.symbol in shown
        for line in node.lines:
            assert line.forward in shown and (line.backward or line.forward) in shown


def test_svg_says_what_it_is():
    root = ElementTree.fromstring(draw(Sweeps.of(*PROGRAMS["t1"])))
    assert root.tag == "{http://www.w3.org/2000/svg}svg" and root.get("role") == "img"
    _, _, width, height = root.get("viewBox").split()
    assert (root.get("width"), root.get("height")) == (width, height)
    assert root[0].text == "y = t1(x1, x2)"
    assert "adjoints back" in root[1].text
    assert "prefers-color-scheme:dark" in root[2].text


def test_svg_draws_values_solid_and_adjoints_dashed():
    svg = draw(Sweeps.of(*PROGRAMS["t1"]))
    assert svg.count('class="e to"') == svg.count('class="e back"') == 9 + 1
    assert ".wengert-graph .back{stroke-dasharray" in svg


def test_svg_has_nothing_that_a_second_drawing_on_the_page_would_meet():
    svg = draw(Sweeps.of(*PROGRAMS["t1"]))
    assert "id=" not in svg and "<script" not in svg
    style = ElementTree.fromstring(svg)[2].text
    rules = re.findall(r"([^{}]+)\{[^{}]*\}", re.sub(r"@media [^{]*\{", "", style))
    assert len(rules) > 20
    assert all(rule.strip().startswith(".wengert-graph") for rule in rules)


def test_tips_tell_equation_line_and_share():
    svg = "\n".join(texts(draw(Sweeps.of(*PROGRAMS["t1"]))))
    assert "v₃ = sin v₀\ntest_draw.py:" in svg
    assert "v̄₀ += v̄₃·cos v₀" in svg


def test_drawings_are_the_same_every_time():
    sweeps = Sweeps.of(*PROGRAMS["layer"])
    assert len({draw(sweeps) for _ in range(5)}) == 1


def test_names_of_the_user_are_escaped_everywhere():
    name = '<&"`#;\\\x07|]>\ud800'
    sweeps = Sweeps.of(lambda p: p[name] * 2.0, ({name: 1.0},))
    assert ElementTree.fromstring(draw(sweeps)) is not None
    draw(sweeps).encode()
    assert "&lt;&amp;" in draw(sweeps, "dot")
    assert "#60;#38;#34;#96;#35;#59;#92;" in draw(sweeps, "mermaid")


def test_long_names_are_cut():
    sweeps = Sweeps.of(lambda p: p["a" * 300] * 2.0, ({"a" * 300: 1.0},))
    assert make_picture(sweeps).nodes[0].symbol.endswith("…")
    assert place(make_picture(sweeps)).width < 1500


# ----- large drawings -----


def steps(count):
    def f(x, y):
        z = x
        for _ in range(count):
            z = np.sin(z) * y + x
        return z

    return Sweeps.of(f, (0.3, 0.4))


def test_three_hundred_operations_are_drawn_in_a_second_or_two():
    sweeps = steps(100)
    start = time.perf_counter()
    svg = draw(sweeps)
    assert time.perf_counter() - start < 10
    assert svg.count("<rect") > 300


def test_a_graph_that_is_too_large_is_refused_with_advice():
    sweeps = steps(140)
    with pytest.raises(WengertError, match=r"420 operations.*Draw one of its steps"):
        draw(sweeps)
    with pytest.raises(WengertError, match="arrows; at most 500"):
        draw(sweeps, "mermaid")
    assert draw(sweeps, "dot").count("->") > 800


def test_an_unknown_format_is_refused():
    with pytest.raises(ArgumentError, match="'svg', 'dot', 'mermaid'"):
        draw(Sweeps.of(t6, (5.0,)), "png")


def test_without_the_layout_library_it_says_what_to_install(monkeypatch):
    sweeps = Sweeps.of(t6, (5.0,))
    monkeypatch.setitem(sys.modules, "fast_sugiyama", None)
    with pytest.raises(ImportError, match=r'pip install "fast-sugiyama'):
        draw(sweeps)
    assert draw(sweeps, "dot") and draw(sweeps, "mermaid")


# ----- DOT and Mermaid -----


@each_program
def test_dot_has_a_line_for_each_node_and_arrow(sweeps):
    picture, dot = make_picture(sweeps), draw(sweeps, "dot")
    lines = dot.splitlines()
    assert lines[0].startswith('digraph "') and lines[-1] == "}"
    assert sum(" -> " in line for line in lines) == len(picture.edges) + sum(
        edge.backward is not None for edge in picture.edges
    )
    for line in lines[1:-1]:
        assert re.fullmatch(r"  (n\d+( -> n\d+)?|graph|node|edge) \[.*\]", line)
    for label in re.findall(r"label=<(.*)>, fillcolor", dot):
        ElementTree.fromstring(f"<x>{label}</x>")


@each_program
def test_mermaid_is_made_of_known_statements(sweeps):
    text = r'"[^"]*"'
    statements = [
        rf"n\d+(\[{text}\]|\(\[{text}\]\)):::\w+",
        rf"n\d+ (-->|-\.-)\|{text}\| n\d+",
        r"linkStyle [\d,]+ stroke:#\w{6},color:#\w{6}",
        r"classDef \w+ .*",
    ]
    lines = draw(sweeps, "mermaid").splitlines()
    assert lines[0] == lines[2] == "---" and lines[1].startswith('title: "')
    assert lines[3] in ("flowchart LR", "flowchart TB")
    for line in lines[4:]:
        assert any(re.fullmatch(rf"  {statement}", line) for statement in statements)


def test_mermaid_numbers_the_links_that_it_colours():
    text = draw(Sweeps.of(*PROGRAMS["layer"]), "mermaid")
    links = [line for line in text.splitlines() if "-->" in line or "-.-" in line]
    forward, backward = re.findall(r"linkStyle ([\d,]+)", text)
    for k, link in enumerate(links):
        assert str(k) in (forward if "-->" in link else backward).split(",")
