"""Virtual batteries: what members in series, in parallel or merged are together. Pure, as the model is."""
