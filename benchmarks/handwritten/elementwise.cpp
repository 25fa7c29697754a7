// Σ exp(−x²) sin 3x + log(1 + x²) tanh x, with what value and gradient share.
#include <cmath>

extern "C" double gradient(const double *x, double *x_bar, const double *const *,
                           const long *sizes) {
    double value = 0.0;
    for (long i = 0; i < sizes[0]; i++) {
        const double square = x[i] * x[i], bell = std::exp(-square);
        const double sine = std::sin(3.0 * x[i]), cosine = std::cos(3.0 * x[i]);
        const double logarithm = std::log(1.0 + square), tanh = std::tanh(x[i]);
        value += bell * sine + logarithm * tanh;
        x_bar[i] = bell * (3.0 * cosine - 2.0 * x[i] * sine)
            + 2.0 * x[i] / (1.0 + square) * tanh + logarithm * (1.0 - tanh * tanh);
    }
    return value;
}
