package io.whygate.gateway.listener.client;

import io.netty.handler.codec.TooLongFrameException;
import java.io.IOException;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Errors of client connections: what a client did is its own affair, what the gateway did wrong is
/// logged.
public final class ConnectionErrors {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionErrors.class);

  private ConnectionErrors() {}

  public static void note(Throwable error) {
    boolean clients =
        error instanceof IOException
            || error instanceof TooLongFrameException
            || error.getCause() instanceof SSLException;
    if (clients) {
      LOG.debug("a client's connection failed", error);
    } else {
      LOG.error("an unexpected error ended a client's connection", error);
    }
  }
}
