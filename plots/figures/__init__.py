"""One module a theme; plots.catalogue is the list of what they draw."""
