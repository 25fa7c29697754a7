from benchmarks.rows.epochs import TITLES, measure
from benchmarks.setting import NOT_INSTALLED, Setting
from benchmarks.timing import Effort


def test_the_row_runs_without_peers():
    effort = Effort(rounds=3, turn=0.001, quick=True)
    table = measure(Setting(effort, peers=False))
    ours, *others = table.rows
    assert ours[0] == TITLES["wengert"] and len(ours) == 7
    assert all(cell for cell in ours)
    assert {cell for row in others for cell in row[1::2]} == {NOT_INSTALLED}
