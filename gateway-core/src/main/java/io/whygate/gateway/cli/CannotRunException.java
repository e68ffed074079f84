package io.whygate.gateway.cli;

/// A gateway cannot run as it is configured; the message is one line.
final class CannotRunException extends Exception {
  private static final long serialVersionUID = 1L;

  CannotRunException(String message, Throwable cause) {
    super(message, cause);
  }
}
