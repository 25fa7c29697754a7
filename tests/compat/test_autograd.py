"""Small programs written as clients of autograd write them, run on wengert."""

import importlib
import subprocess
import sys
import types

import numpy as onp
import pytest

import wengert.compat.autograd
from tests.house.files import ROOT


@pytest.fixture(autouse=True)
def installed():
    wengert.compat.autograd.install()
    yield
    wengert.compat.autograd.uninstall()


def client(name):
    return importlib.import_module(name)


# ----- installation -----


def test_install_and_uninstall_may_be_repeated():
    wengert.compat.autograd.install()
    assert client("autograd").grad(lambda x: x**2)(3.0) == 6.0
    wengert.compat.autograd.uninstall()
    wengert.compat.autograd.uninstall()
    assert "autograd" not in sys.modules and "autograd.numpy" not in sys.modules


def test_install_comes_before_the_real_one():
    script = (
        "import sys, types\n"
        "sys.modules['autograd'] = types.ModuleType('autograd')\n"
        "sys.modules['autograd'].__file__ = 'elsewhere'\n"
        "import wengert.compat.autograd as compat\n"
        "try: compat.install()\n"
        "except RuntimeError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True
    )
    assert "imported already" in done.stdout, done.stderr


def test_what_autograd_has_not_is_not_found():
    with pytest.raises(ModuleNotFoundError, match="stand-in"):
        client("autograd.nonsense")


MODULES = """autograd autograd.numpy autograd.numpy.linalg autograd.numpy.fft
autograd.numpy.random autograd.numpy.numpy_boxes autograd.numpy.numpy_vjps
autograd.numpy.numpy_vspaces autograd.numpy.numpy_wrapper autograd.scipy.special
autograd.scipy.linalg autograd.scipy.signal autograd.scipy.integrate
autograd.scipy.stats.norm autograd.scipy.stats.multivariate_normal autograd.extend
autograd.misc.flatten autograd.misc.optimizers autograd.misc.fixed_points
autograd.misc.tracers autograd.test_util autograd.builtins autograd.core
autograd.tracer autograd.util autograd.wrap_util
autograd.differential_operators""".split()


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_there(name):
    assert client(name).__name__ == name


# ----- arrays of boxes -----


def test_arrays_are_made_of_boxes():
    np, ag = client("autograd.numpy"), client("autograd")

    def f(x):
        rows = [[x[0], 2.0], [x[1] * x[0], x[1]]]
        return np.sum(np.array(rows) ** 2) + np.sum([x[0], np.sin(x[1])])

    x = np.array([1.5, 0.5])
    expected = [2 * 1.5 + 2 * 0.75 * 0.5 + 1, 2 * 0.75 * 1.5 + 1 + onp.cos(0.5)]
    assert onp.allclose(ag.grad(f)(x), expected)


def test_iterators_of_boxes_are_joined():
    np, ag = client("autograd.numpy"), client("autograd")
    f = lambda x: np.sum(np.stack(x * k for k in (1.0, 2.0)) ** 2)
    g = lambda x: np.sum(np.concatenate({"a": x, "b": x**2}.values()))
    x = onp.array([1.0, 2.0])
    assert onp.allclose(ag.grad(f)(x), 10 * x)
    assert onp.allclose(ag.grad(g)(x), 1 + 2 * x)


def test_object_arrays_hold_boxes():
    np, ag = client("autograd.numpy"), client("autograd")

    def f(x):
        y = onp.array([x[0], x[1] ** 2], dtype=object)  # raw NumPy: Python objects
        return np.sum(np.sin(np.array(2 * y)))

    x = onp.array([0.3, 0.7])
    expected = [2 * onp.cos(0.6), 4 * 0.7 * onp.cos(0.98)]
    assert onp.allclose(ag.grad(f)(x), expected)
    objects = lambda x: onp.array([x[0], 2.0], dtype=object)
    for g in (lambda x: np.sum(x * objects(x)), lambda x: np.sum(objects(x) * x)):
        assert onp.allclose(ag.grad(g)(x), [0.6, 2.0])


def test_boxes_are_written_into_arrays():
    np, ag = client("autograd.numpy"), client("autograd")

    def f(x):
        y = np.zeros(2)
        y[0] = x[0] * x[1]
        return np.sum(y)

    assert onp.allclose(ag.grad(f)(onp.array([2.0, 3.0])), [3.0, 2.0])


def test_in_place_operators_make_a_new_box():
    np, ag = client("autograd.numpy"), client("autograd")
    seen = []

    def f(x):
        y = total = np.zeros(2)
        total += x
        seen.append((y, total))
        total *= x
        return np.sum(total)

    assert onp.allclose(ag.grad(f)(onp.array([1.0, 2.0])), [2.0, 4.0])
    plain, box = seen[0]
    assert isinstance(plain, onp.ndarray) and not plain.any()
    assert client("autograd.tracer").isbox(box)


def test_boxes_cannot_be_written_into():
    def f(x):
        x[0] = 1.0
        return x[0]

    with pytest.raises(TypeError, match="item assignment"):
        client("autograd").grad(f)(onp.ones(2))


# ----- boxes -----


def test_boxes_are_known_by_their_class():
    ag, tracer = client("autograd"), client("autograd.tracer")
    ArrayBox = client("autograd.numpy.numpy_boxes").ArrayBox

    def f(x):
        assert type(x) is ArrayBox and isinstance(x, tracer.Box)
        assert not isinstance(x, onp.ndarray)
        assert str(type(x)) == "<class 'autograd.numpy.numpy_boxes.ArrayBox'>"
        assert tracer.isbox(x) and not tracer.isbox(x._value)
        assert tracer.getval(x) == x._value == 2.0
        assert (x * 2)._trace == x._trace and (x * 2)._node != x._node
        assert {x: 1}[x] == 1
        return x * x

    assert ag.grad(f)(2.0) == 4.0
    assert ag.grad(lambda x: x * tracer.getval(x))(2.0) == 2.0


def test_a_box_that_outlives_its_trace_is_of_no_account():
    ag = client("autograd")
    kept = []

    def f(x):
        kept.append(x * x)
        return sum(kept)

    gradient = ag.grad(f)
    assert gradient(3.0) == 6.0
    assert gradient(3.0) == 6.0


def test_subclasses_of_ndarray_are_registered():
    ag, np = client("autograd"), client("autograd.numpy")
    boxes, spaces = client("autograd.numpy.numpy_boxes"), client("autograd.core")
    ArrayVSpace = client("autograd.numpy.numpy_vspaces").ArrayVSpace

    class Tensor(onp.ndarray):
        pass

    boxes.ArrayBox.register(Tensor)
    spaces.VSpace.register(Tensor, ArrayVSpace)
    w = onp.array([2.0, 3.0]).view(Tensor)
    assert client("autograd.tracer").Box.type_mappings[Tensor] is boxes.ArrayBox

    def f(x):
        return np.sum(x * w + w * np.dot(x, w) * x)

    def plain(x):
        a = onp.array([2.0, 3.0])
        return np.sum(x * a + a * np.dot(x, a) * x)

    x = onp.array([1.0, -1.0])
    assert onp.allclose(ag.grad(f)(x), ag.grad(plain)(x))
    assert onp.allclose(ag.grad(f)(x.view(Tensor)), ag.grad(plain)(x))


def test_values_of_a_clients_own_type():
    extend, ag = client("autograd.extend"), client("autograd")

    class Line:
        def __init__(self, slope):
            self.slope = slope

    class LineBox(extend.Box, Line):
        pass

    class LineSpace(extend.VSpace):
        def zeros(self):
            return Line(0.0)

        def _add(self, f, g):
            return Line(f.slope + g.slope)

    LineBox.register(Line)
    LineSpace.register(Line)
    value = extend.primitive(lambda f, x: f.slope * x)
    extend.defvjp(value, lambda ans, f, x: lambda g: Line(g * x))
    doubled = extend.primitive(lambda f: Line(2 * f.slope))
    extend.defvjp(doubled, lambda ans, f: lambda g: Line(2 * g.slope))
    loss = lambda f: value(f, 3.0) + value(doubled(f), 5.0) ** 2
    assert ag.grad(loss)(Line(1.0)).slope == 3.0 + 2 * 10.0 * 10.0


# ----- rules of the client's own -----


def test_rules_by_argument():
    extend, ag = client("autograd.extend"), client("autograd")
    unbroadcast_f = client("autograd.numpy.numpy_vjps").unbroadcast_f
    scaled = extend.primitive(lambda label, x, a: x * a)
    extend.defvjp(
        scaled,
        lambda ans, label, x, a: unbroadcast_f(x, lambda g: g * a),
        None,
        argnums=[1, 2],
    )
    extend.defjvp(scaled, "same", lambda g, ans, label, x, a: x * g, argnums=[1, 2])
    a = onp.array([1.0, 2.0])
    total = lambda x, a: (scaled("name", x, a) ** 2).sum()
    assert ag.grad(total)(3.0, a) == 2 * 3.0 * 5.0
    assert onp.array_equal(ag.grad(total, 1)(3.0, a), [0.0, 0.0])
    assert onp.allclose(ag.deriv(lambda x: scaled("", x, a))(3.0), a)


def test_second_order_goes_through_a_rule():
    extend, ag = client("autograd.extend"), client("autograd")
    check_grads = client("autograd.test_util").check_grads
    np = client("autograd.numpy")
    cube = extend.primitive(lambda x: onp.asarray(x) ** 3)
    extend.defvjp(cube, lambda ans, x: lambda g: 3 * g * x**2)
    extend.defjvp(cube, lambda g, ans, x: 3 * g * x**2)
    assert ag.grad(ag.grad(cube))(2.0) == 12.0
    assert onp.allclose(
        ag.hessian(lambda x: np.sum(cube(x)))(onp.array([1.0, 2.0])),
        onp.diag([6.0, 12.0]),
    )
    check_grads(cube)(1.5)


def test_a_rule_for_all_arguments_at_once():
    extend, ag = client("autograd.extend"), client("autograd")
    product = extend.primitive(lambda *x: x[0] * x[1] * x[2])

    def maker(argnums, ans, args, kwargs):
        return lambda g: [g * ans / args[n] for n in argnums]

    extend.defvjp_argnums(product, maker)
    assert ag.grad(product, (0, 2))(2.0, 3.0, 5.0) == (15.0, 6.0)


def test_primitives_that_return_containers():
    extend, ag = client("autograd.extend"), client("autograd")
    parts = extend.primitive(lambda x: (x["a"] * 2, {"b": [x["a"] ** 2]}))
    extend.defvjp(
        parts,
        lambda ans, x: lambda g: {"a": 2 * g[0] + 2 * x["a"] * g[1]["b"][0]},
    )

    def f(a):
        double, rest = parts({"a": a})
        return double * rest["b"][0]

    assert ag.grad(f)(3.0) == 6 * 9.0
    assert extend.vspace(parts({"a": 1.0})).size == 2


def test_a_primitive_without_rule_says_so():
    extend, ag = client("autograd.extend"), client("autograd")
    with pytest.raises(NotImplementedError, match="not defined"):
        ag.grad(extend.primitive(lambda x: x))(1.0)


def test_functions_of_numpy_can_be_given_rules():
    extend, ag, np = map(client, ("autograd.extend", "autograd", "autograd.numpy"))
    vjps = client("autograd.core").primitive_vjps
    extend.defvjp(np.sinc, lambda ans, x: lambda g: 100.0 * g)
    try:
        assert ag.grad(lambda x: np.sinc(x))(0.5) == 100.0
    finally:
        del vjps[np.sinc]
    assert ag.grad(lambda x: np.sinc(x))(0.5) != 100.0


def test_every_function_of_the_namespace_can_be_wrapped():
    ag, np = client("autograd"), client("autograd.numpy")
    mine = {}

    def wrap(f):
        return lambda *args, **kwargs: f(*args, **kwargs)

    for name, value in np.__dict__.items():
        if callable(value) and not isinstance(value, type):
            mine[name] = wrap(value)
    names = set(dir(onp)) - set(np.__dict__)
    assert {n for n in names if not n.startswith("_")} <= {
        n for n in names if isinstance(getattr(onp, n), types.ModuleType)
    }
    f = lambda x: mine["sum"](mine["exp"](mine["stack"]([x, mine["sin"](x)])))
    expected = onp.exp(0.5) + onp.exp(onp.sin(0.5)) * onp.cos(0.5)
    assert onp.allclose(ag.grad(f)(0.5), expected)


# ----- what lies beneath the operators -----


def test_core():
    core, tracer = client("autograd.core"), client("autograd.tracer")
    np = client("autograd.numpy")
    x = onp.array([1.0, 2.0])
    vjp, value = core.make_vjp(lambda x: np.sum(x**2), x)
    assert value == 5.0 and onp.allclose(vjp(1.0), 2 * x)
    assert core.make_jvp(lambda x: np.sum(x**2), x)(onp.ones(2)) == (5.0, 6.0)
    end, node = tracer.trace(core.VJPNode.new_root(), lambda x: np.prod(x), x)
    assert end == 2.0 and onp.allclose(core.backward_pass(1.0, node), [2.0, 1.0])
    with tracer.trace_stack.new_trace() as t:
        box = tracer.new_box(3.0, t, core.VJPNode.new_root())
        y = box**2
        assert core.backward_pass(1.0, y._node) == 6.0


def test_nodes_of_the_clients_own():
    tracer = client("autograd.tracer")
    np = client("autograd.numpy")

    class Named(tracer.Node):
        def __init__(self, value, fun, args, kwargs, argnums, parents):
            inner = ", ".join(p.name for p in parents)
            self.name = f"{fun.__name__}({inner})"

        def initialize_root(self, name):
            self.name = name

    _, node = tracer.trace(Named.new_root("x"), lambda x: np.sin(x) * x, 2.0)
    assert node.name == "multiply(sin(x), x)"


def test_vector_spaces():
    vspace = client("autograd.extend").vspace
    space = vspace({"a": onp.zeros((2, 3)), "b": (1.0, [1j])})
    assert space.size == 6 + 1 + 2
    assert sum(1 for _ in space.standard_basis()) == space.size
    assert space == vspace(space.ones()) and space != vspace(1.0)
    assert vspace(onp.zeros((2, 3))).shape == (2, 3)
    with pytest.raises(TypeError, match="vector space"):
        vspace("text")


def test_unary_to_nary():
    unary_to_nary = client("autograd.wrap_util").unary_to_nary
    make_vjp = client("autograd.core").make_vjp

    @unary_to_nary
    def slope(fun, x):
        return make_vjp(fun, x)[0](1.0)

    f = lambda x, y: x * y**2
    assert slope(f, 1)(2.0, 3.0) == 12.0
    assert slope(f, argnum=(0, 1))(2.0, 3.0) == (9.0, 12.0)
    assert slope(f).__name__ == "slope_of_<lambda>_wrt_argnum_0"


def test_containers():
    ag, builtins = client("autograd"), client("autograd.builtins")

    def f(params):
        assert builtins.isinstance(params, dict)
        assert isinstance(params, builtins.DictBox)
        assert builtins.isinstance(params["pair"], builtins.tuple)
        assert isinstance(params["pair"], builtins.SequenceBox)
        assert builtins.type(params["pair"]) is tuple
        a, (b, c) = params["a"], params["pair"]
        return a * b + sum(builtins.list((c, c)))

    gradient = ag.grad(f)({"a": 2.0, "pair": (3.0, 4.0), "unused": onp.ones(2)})
    assert gradient["pair"] == (2.0, 2.0) and gradient["a"] == 3.0
    assert onp.array_equal(gradient["unused"], [0.0, 0.0])
    assert not isinstance({"a": 1.0}, builtins.DictBox)


# ----- operators -----


def test_operators():
    ag, np = client("autograd"), client("autograd.numpy")
    operators = client("autograd.differential_operators")
    A = onp.array([[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]])
    x, v = onp.array([0.5, -1.0]), onp.array([1.0, 2.0])
    f = lambda x: np.tanh(np.dot(A, x))
    J = ag.jacobian(f)(x)
    assert J.shape == (3, 2)
    assert onp.allclose(operators.make_jvp_reversemode(f)(x)(v), J @ v)
    assert onp.allclose(ag.make_jvp(f)(x)(v)[1], J @ v)
    assert onp.allclose(ag.tensor_jacobian_product(f)(x, onp.ones(3)), J.sum(0))
    assert onp.allclose(ag.make_ggnvp(f)(x)(v), J.T @ J @ v)
    g = lambda x: np.sum(f(x) ** 2)
    H = ag.hessian(g)(x)
    assert onp.allclose(ag.hessian_tensor_product(g)(x, v), H @ v)
    assert onp.allclose(ag.make_hvp(g)(x)[0](v), H @ v)
    assert onp.allclose(ag.grad(ag.checkpoint(g))(x), ag.grad(g)(x))
    assert ag.grad_and_aux(lambda x: (x**2, x))(3.0) == (6.0, 3.0)
    assert ag.value_and_grad(lambda x, y: x * y, [1, 0])(2.0, 3.0) == (6.0, (2.0, 3.0))
    assert ag.multigrad_dict(lambda a, b=2.0: a * b)(3.0) == {"a": 2.0, "b": 3.0}
    assert ag.grad_named(lambda a, b: a * b, "b")(3.0, 4.0) == 3.0
    assert ag.holomorphic_grad(lambda z: z**2)(1 + 2j) == 2 + 4j
    assert onp.allclose(ag.elementwise_grad(np.sin)(x), onp.cos(x))
    with pytest.raises(TypeError, match="real scalar-output"):
        ag.grad(np.sin)(x)


def test_output_that_does_not_depend_on_the_input():
    with pytest.warns(UserWarning, match="independent of input"):
        assert client("autograd").grad(lambda x: 1.0)(2.0) == 0.0
