"""Networks: layers, losses and initial weights as plain functions, and training."""

from wengert.nn.activations import (
    elu,
    gelu,
    leaky_relu,
    log_softmax,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
    tanh,
)
from wengert.nn.convolution import conv2d, conv2d_params
from wengert.nn.dense import dense, dense_params
from wengert.nn.dropout import dropout, dropout_mask
from wengert.nn.embedding import embedding, embedding_params
from wengert.nn.history import History
from wengert.nn.initializers import (
    glorot_normal,
    glorot_uniform,
    he_normal,
    he_uniform,
    lecun_normal,
    lecun_uniform,
    orthogonal,
)
from wengert.nn.losses import (
    accuracy,
    binary_cross_entropy,
    cross_entropy,
    huber,
    mae,
    mse,
    one_hot,
)
from wengert.nn.normalization import (
    batch_norm,
    batch_norm_state,
    layer_norm,
    normalization_params,
)
from wengert.nn.pooling import average_pool, max_pool
from wengert.nn.recurrent import (
    gru,
    gru_cell,
    gru_params,
    lstm,
    lstm_cell,
    lstm_params,
    rnn,
    rnn_cell,
    rnn_params,
)
from wengert.nn.train import Training, train

__all__ = [
    "History",
    "Training",
    "accuracy",
    "average_pool",
    "batch_norm",
    "batch_norm_state",
    "binary_cross_entropy",
    "conv2d",
    "conv2d_params",
    "cross_entropy",
    "dense",
    "dense_params",
    "dropout",
    "dropout_mask",
    "elu",
    "embedding",
    "embedding_params",
    "gelu",
    "glorot_normal",
    "glorot_uniform",
    "gru",
    "gru_cell",
    "gru_params",
    "he_normal",
    "he_uniform",
    "huber",
    "layer_norm",
    "leaky_relu",
    "lecun_normal",
    "lecun_uniform",
    "log_softmax",
    "lstm",
    "lstm_cell",
    "lstm_params",
    "mae",
    "max_pool",
    "mse",
    "normalization_params",
    "one_hot",
    "orthogonal",
    "relu",
    "rnn",
    "rnn_cell",
    "rnn_params",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
    "train",
]
