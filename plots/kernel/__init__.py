"""The kernel's own buffers beside our models of them: what their section of the report computes."""
