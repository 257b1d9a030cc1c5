/**
 * Makes a published ONNX graph cheaper to run without changing what it computes. Each {@link io.flowstate.engine.rewrite.Rule} replaces one pattern of operators by an equal one that this runtime
 * does faster or in less memory; it knows algebra, and nothing of any file's names. Read {@link io.flowstate.engine.rewrite.Rewriter} first. Uses ONNX Runtime and ONNX's protobuf classes.
 */
@NullMarked
package io.flowstate.engine.rewrite;

import org.jspecify.annotations.NullMarked;
