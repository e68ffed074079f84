package io.whygate.gateway.connection.http2;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Http2Errors;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.gateway.connection.OutgoingRequest;

/// A request for a WebSocket on its way: it waits until the server's settings say whether they may
/// be asked for (RFC 8441). Confined to its event loop.
final class SocketRequest {
  private final Http2UpstreamStream stream;
  private final Http2UpstreamConnection connection;
  private final OutgoingRequest request;
  private byte[] key = {};

  SocketRequest(
      Http2UpstreamStream stream, Http2UpstreamConnection connection, OutgoingRequest request) {
    this.stream = stream;
    this.connection = connection;
    this.request = request;
  }

  /// Goes on, or cannot, where the settings are known.
  void settled() {
    if (!connection.isSettled()) {
      return;
    }
    if (!connection.carriesTunnels()) {
      refuse("its settings do not allow WebSockets (RFC 8441)");
      return;
    }
    stream.renumber();
    key = connection.blocks().render(request);
    if (key.length == 0) {
      refuse("of other protocols HTTP/2 carries WebSocket alone");
    } else {
      stream.write(request);
    }
  }

  private void refuse(String why) {
    stream.fail(
        new AttemptFailure.StreamFailed(
            Phase.SEND_REQUEST, Http2Errors.HTTP_1_1_REQUIRED, false, why));
  }

  /// Whether it was sent.
  boolean isSent() {
    return key.length > 0;
  }

  /// Whether a final answer of this status accepts it.
  boolean isAcceptedBy(int status) {
    return isSent() && status >= 200 && status < 300;
  }

  /// The field lines by which a server of HTTP/1.1 accepts it.
  String accepted() {
    return SocketKeys.switchedBy(key);
  }
}
