"""Home Assistant in the browser with simulated batteries on real wires: what `script/demo` runs."""
