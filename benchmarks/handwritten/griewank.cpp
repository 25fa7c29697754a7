// (sin(x₀/x₁) + x₀/x₁ − exp x₁) (x₀/x₁ − exp x₁).
#include <cmath>

extern "C" double gradient(const double *x, double *x_bar, const double *const *,
                           const long *) {
    const double quotient = x[0] / x[1], growth = std::exp(x[1]);
    const double difference = quotient - growth, total = std::sin(quotient) + difference;
    const double difference_bar = total + difference;
    x_bar[0] = (difference * std::cos(quotient) + difference_bar) / x[1];
    x_bar[1] = -x_bar[0] * quotient - difference_bar * growth;
    return total * difference;
}
