package io.flowstate.bench;

/** What operators of a graph are for, as far as a reader of its profile wants to tell them apart. */
enum OperatorClass {
    ATTENTION("attention", "#e8833a"),
    LINEAR("linear layers", "#4c8dea"),
    CONVOLUTION("convolution", "#2da77a"),
    TRANSPOSED("transposed convolution", "#25a5b8"),
    NORMALISATION("normalisation", "#d65a9c"),
    ACTIVATION("activations and gates", "#9a75e8"),
    ARITHMETIC("sums and products", "#c59a1b"),
    LAYOUT("moving data", "#e05a52"),
    /** Whatever is named nowhere else, and what the runtime does between operators. */
    OTHER("all else", "#8792a2");

    final String title;

    /** Legible on light and on dark pages. */
    final String colour;

    OperatorClass(String title, String colour) {
        this.title = title;
        this.colour = colour;
    }

    /** @param operator as ONNX and the fusions of ONNX Runtime name it; a MatMul is attention's here, as the weights' products are Gemm in this export */
    static OperatorClass of(String operator) {
        return switch (operator) {
            case "MatMul", "FusedMatMul", "TransposeMatMul", "Softmax", "MultiHeadAttention", "Attention" -> ATTENTION;
            case "Gemm", "FusedGemm" -> LINEAR;
            case "Conv", "FusedConv" -> CONVOLUTION;
            case "ConvTranspose" -> TRANSPOSED;
            case "InstanceNormalization",
                    "LayerNormalization",
                    "SkipLayerNormalization",
                    "GroupNormalization",
                    "GroupNorm",
                    "BatchNormalization",
                    "ReduceMean",
                    "ReduceSum",
                    "ReduceSumSquare" -> NORMALISATION;
            case "Sigmoid", "QuickGelu", "Gelu", "FastGelu", "BiasGelu", "Erf", "Tanh", "Relu" -> ACTIVATION;
            case "Add", "Sub", "Mul", "Div", "Sum", "Pow", "Sqrt", "Reciprocal", "Neg" -> ARITHMETIC;
            case "Transpose",
                    "ReorderInput",
                    "ReorderOutput",
                    "Reshape",
                    "Split",
                    "Slice",
                    "Concat",
                    "Pad",
                    "Gather",
                    "Squeeze",
                    "Unsqueeze",
                    "Flatten",
                    "Expand",
                    "Tile",
                    "Identity" -> LAYOUT;
            default -> OTHER;
        };
    }
}
