"""The proof by simulation: lives of the whole engine, judged by a checker that shares nothing with it."""
