"""The command line: `wengert explain | graph | diff | check | compare | …`.

```
wengert diff "log(x1) + x1*x2 - sin(x2)" --at x1=2,x2=5
wengert explain model.py:loss --at "w=[1,2,3]"
```

`program` reads the words and turns every error into one line. `options` says which
words there are, `manual` what help tells about them. `target` makes a function of a
formula or of `path.py:name`, whose file `files` runs and whose parameters `binding`
fills. `commands` has a function for each command, and `output` writes.
"""

from wengert.cli.program import main

__all__ = ["main"]
