package io.whygate.diagnostics.probe.icmp;

import java.util.Optional;

/// A connection that was accepted, to say something on before it is closed. Confined to the thread
/// that it is given to, for as long as it is.
@FunctionalInterface
public interface Conversation {
  /// Sends this, and waits for what comes back first.
  ///
  /// @param limit how many bytes are taken at most
  /// @param millis how long to wait
  /// @return what came, no byte where the other side ended the connection; empty where neither came
  Optional<byte[]> ask(byte[] request, int limit, int millis);
}
