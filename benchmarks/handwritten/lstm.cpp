// The network of diagonal LSTM cells, and its adjoint: all gates are kept for the sweep.
#include <algorithm>
#include <cmath>
#include <vector>

const long B = 14;  // bits of a character

// What one cell computed, at one character.
struct Cell {
    double x[B], hidden[B], memory[B];  // what came in
    double forget[B], let_in[B], let_out[B], change[B], tanh[B];
};

static double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

// x, hidden and memory are replaced by what goes out.
static void forward(const double *w, double *x, double *hidden, double *memory, Cell &k) {
    const double *b = w + 4 * B;
    std::copy(x, x + B, k.x);
    std::copy(hidden, hidden + B, k.hidden);
    std::copy(memory, memory + B, k.memory);
    for (long i = 0; i < B; i++) {
        k.forget[i] = sigmoid(x[i] * w[i] + b[i]);
        k.let_in[i] = sigmoid(hidden[i] * w[B + i] + b[B + i]);
        k.let_out[i] = sigmoid(x[i] * w[2 * B + i] + b[2 * B + i]);
        k.change[i] = std::tanh(hidden[i] * w[3 * B + i] + b[3 * B + i]);
        memory[i] = memory[i] * k.forget[i] + k.let_in[i] * k.change[i];
        k.tanh[i] = std::tanh(memory[i]);
        x[i] = hidden[i] = k.let_out[i] * k.tanh[i];
    }
}

// x_bar, hidden_bar, memory_bar: of what goes out, replaced by those of what came in.
static void backward(const double *w, const Cell &k, double *w_bar, double *x_bar,
                     double *hidden_bar, double *memory_bar) {
    double *b_bar = w_bar + 4 * B;
    for (long i = 0; i < B; i++) {
        const double out = hidden_bar[i] + x_bar[i];
        const double kept =
            memory_bar[i] + out * k.let_out[i] * (1.0 - k.tanh[i] * k.tanh[i]);
        const double gates[4] = {
            kept * k.memory[i] * k.forget[i] * (1.0 - k.forget[i]),
            kept * k.change[i] * k.let_in[i] * (1.0 - k.let_in[i]),
            out * k.tanh[i] * k.let_out[i] * (1.0 - k.let_out[i]),
            kept * k.let_in[i] * (1.0 - k.change[i] * k.change[i]),
        };
        for (long g = 0; g < 4; g++) {
            w_bar[g * B + i] += gates[g] * (g % 2 ? k.hidden[i] : k.x[i]);
            b_bar[g * B + i] += gates[g];
        }
        memory_bar[i] = kept * k.forget[i];
        x_bar[i] = gates[0] * w[i] + gates[2] * w[2 * B + i];
        hidden_bar[i] = gates[1] * w[B + i] + gates[3] * w[3 * B + i];
    }
}

extern "C" double gradient(const double *w, double *w_bar, const double *const *data,
                           const long *sizes) {
    const long layers = sizes[0], guesses = sizes[1] - 1, inner = 8 * layers * B;
    const double *text = data[1], *e = w + inner, scale = -1.0 / (guesses * B);
    double *e_bar = w_bar + inner, value = 0.0;
    std::fill(w_bar, w_bar + inner + 3 * B, 0.0);
    std::vector<double> state(data[0], data[0] + 2 * layers * B);
    std::vector<Cell> cells(guesses * layers);
    std::vector<double> last(guesses * B), guess_bar(guesses * B);

    for (long t = 0; t < guesses; t++) {
        const double *seen = text + t * B, *wanted = seen + B;
        double x[B], growth[B], guess[B], sum = 2.0, bits = 0.0;
        for (long i = 0; i < B; i++) x[i] = seen[i] * e[i];
        for (long j = 0; j < layers; j++)
            forward(w + 8 * j * B, x, &state[2 * j * B], &state[(2 * j + 1) * B],
                    cells[t * layers + j]);
        for (long i = 0; i < B; i++) {
            last[t * B + i] = x[i];
            guess[i] = x[i] * e[B + i] + e[2 * B + i];
            sum += growth[i] = std::exp(guess[i]);
            bits += wanted[i];
        }
        const double logarithm = std::log(sum);
        for (long i = 0; i < B; i++) {
            value += scale * wanted[i] * (guess[i] - logarithm);
            guess_bar[t * B + i] = scale * (wanted[i] - bits * growth[i] / sum);
        }
    }

    std::vector<double> state_bar(2 * layers * B, 0.0);
    for (long t = guesses - 1; t >= 0; t--) {
        double x_bar[B];
        for (long i = 0; i < B; i++) {
            const double g = guess_bar[t * B + i];
            e_bar[B + i] += g * last[t * B + i];
            e_bar[2 * B + i] += g;
            x_bar[i] = g * e[B + i];
        }
        for (long j = layers - 1; j >= 0; j--)
            backward(w + 8 * j * B, cells[t * layers + j], w_bar + 8 * j * B, x_bar,
                     &state_bar[2 * j * B], &state_bar[(2 * j + 1) * B]);
        for (long i = 0; i < B; i++) e_bar[i] += x_bar[i] * text[t * B + i];
    }
    return value;
}
