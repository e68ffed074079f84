package io.whygate.diagnostics.incident;

/// A listener's right to be called, until it is closed.
@FunctionalInterface
public interface Subscription extends AutoCloseable {
  @Override
  void close();
}
