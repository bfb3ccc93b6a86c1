"""What goes into files: TFLite graphs, the ONNX ones derived from them, and who runs them."""
