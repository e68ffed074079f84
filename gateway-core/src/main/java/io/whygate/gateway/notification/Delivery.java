package io.whygate.gateway.notification;

import java.io.IOException;

/// Takes one message to where a channel leads. Called on a thread of the channel's own, and blocks.
@FunctionalInterface
interface Delivery {

  /// @throws IOException where it may work a little later
  /// @throws RefusedException where it will not
  void send(Bulletin bulletin) throws IOException, InterruptedException, RefusedException;

  /// A message that is not taken, now or later; the text says why.
  final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException(String message) {
      super(message);
    }
  }
}
