"""Read a formula such as `log(x1) + x1*x2 - sin(x2)` without running any of it.

Python's `ast` module reads the text; `reader` translates the nodes it knows, one by
one, into a postfix program of NumPy calls, and refuses every other node. Nothing of the
text is ever evaluated, compiled or looked up outside the tables of `vocabulary`, so a
stranger's text can at worst be refused.

```
log(x1) + x1*x2     →     x1  log  x1  x2  mul  add
```

The program runs on a stack, without recursion. It calls nothing but NumPy functions and
Python's operators, so a traced value passes through it as through a function written by
hand. Arithmetic on numbers alone is done while reading, in floating point: `9**9**9` is
refused at once instead of being computed for hours.
"""

from wengert.expression.point import parse_point
from wengert.expression.program import Expression
from wengert.expression.reader import parse
from wengert.expression.vocabulary import CONSTANTS, FUNCTIONS

__all__ = ["CONSTANTS", "FUNCTIONS", "Expression", "parse", "parse_point"]
