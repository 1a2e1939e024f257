"""Tables over HTTP: routes and their limits, batches of questions, the explorer."""
