package io.whygate.gateway.connection.health;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.gateway.connection.ConnectionOwner;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.connection.LoneGet;
import io.whygate.gateway.connection.ResponseReceiver;
import io.whygate.gateway.connection.UpstreamConnection;
import io.whygate.gateway.connection.UpstreamStream;
import io.whygate.gateway.connection.http2.Http2UpstreamConnection;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.upstream.EndpointState;
import java.net.InetAddress;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// One check by HTTP/2, over the connection that exchanges use too. Tells the status once.
final class Http2Check implements ResponseReceiver, ConnectionOwner {
  private final IntConsumer told;
  private boolean over;

  /// @param told hears the status, or [StatusReader#NO_STATUS]
  Http2Check(IntConsumer told) {
    this.told = told;
  }

  /// Asks this.
  void ask(
      Channel channel,
      EndpointState endpoint,
      Optional<InetAddress> address,
      ConnectionSetup setup,
      LoneGet request) {
    var connection = new Http2UpstreamConnection(channel, endpoint, address, this, setup, 1);
    channel.pipeline().addLast(connection);
    UpstreamStream stream = connection.stream();
    stream.begin(this, request);
    stream.requestEnd(null);
    stream.flush();
  }

  private void tell(int status) {
    if (!over) {
      over = true;
      told.accept(status);
    }
  }

  @Override
  public void responseHead(ResponseHead head) {
    tell(head.status());
  }

  @Override
  public void responseFailed(AttemptFailure failure) {
    tell(StatusReader.NO_STATUS);
  }

  @Override
  public void responseContent(ByteBuf piece) {
    piece.release();
  }

  @Override
  public void informational(ResponseHead head) {}

  @Override
  public void responseRead() {}

  @Override
  public void responseEnd(@Nullable FieldSection trailers) {}

  @Override
  public void switched(ResponseHead head) {}

  @Override
  public void tunnelInputEnded() {}

  @Override
  public void readComplete() {}

  @Override
  public void writabilityChanged(boolean writable) {}

  @Override
  public void released(UpstreamConnection connection) {}

  @Override
  public void closed(UpstreamConnection connection, boolean whileIdle, boolean byPeer) {}
}
