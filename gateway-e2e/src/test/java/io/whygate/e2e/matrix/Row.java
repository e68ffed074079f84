package io.whygate.e2e.matrix;

import java.time.Duration;

/// A fault, and what has to be seen of it. A new fault is one more of these in one of the lists of
/// [Rows].
///
/// @param name what is wrong, in a few words
/// @param expected what has to be seen
/// @param inherent what has to pass by the settings before anybody can know: the inherent wait
/// @param staging opens the servers and says how they break
public record Row(String name, Expected expected, Duration inherent, Staging staging) {

  /// Opens the servers of a scene and says how they break.
  @FunctionalInterface
  public interface Staging {
    void stage(Scene scene) throws Exception;
  }

  static Row of(String name, Expected expected, Staging staging) {
    return new Row(name, expected, Duration.ZERO, staging);
  }

  static Row of(String name, Expected expected, Duration inherent, Staging staging) {
    return new Row(name, expected, inherent, staging);
  }

  /// The same, with this among what operators are told.
  Row because(String part) {
    return new Row(name, expected.because(part), inherent, staging);
  }

  @Override
  public String toString() {
    return expected.cause() + ": " + name;
  }
}
