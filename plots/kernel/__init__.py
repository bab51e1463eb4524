"""The kernel's own buffers beside our models of them: what their section of the report computes."""

PREFIX = "kernel_"  # a transport's name: that of its model, with this in front
