package io.whygate.gateway;

/// A gateway cannot start, or a configuration cannot be put in force: one line that says what, and
/// how to mend it.
public final class GatewayStartException extends Exception {
  private static final long serialVersionUID = 1;

  GatewayStartException(String message) {
    super(message);
  }

  GatewayStartException(String message, Throwable cause) {
    super(message, cause);
  }
}
