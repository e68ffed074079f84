package io.whygate.gateway.acme.client;

import java.io.Serial;

/// The authority did not find a proof of a name in the way that was tried; another may do.
final class NotProvedException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  NotProvedException(String message) {
    super(message);
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
