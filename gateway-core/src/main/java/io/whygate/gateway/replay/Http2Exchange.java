package io.whygate.gateway.replay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.AttemptFailure.MalformedResponse;
import io.whygate.diagnostics.facts.AttemptFailure.StreamFailed;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.Http2Errors;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.Symptom;
import io.whygate.gateway.config.SmallPieces;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.connection.ConnectionOwner;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.connection.OutgoingRequest;
import io.whygate.gateway.connection.ResponseReceiver;
import io.whygate.gateway.connection.UpstreamConnection;
import io.whygate.gateway.connection.UpstreamStream;
import io.whygate.gateway.connection.http2.Http2UpstreamConnection;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.HeadLimits;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.upstream.EndpointState;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/// One exchange by HTTP/2 over a line, by the gateway's own code for a connection to a server: what
/// comes is read as strictly as there. That code stands in a channel without a socket, and this
/// carries bytes between it and the line.
final class Http2Exchange implements ResponseReceiver, ConnectionOwner {
  private static final int MOST_INTERIM_RESPONSES = 64;

  /// Enough for one exchange.
  private static final UpstreamSettings.Http2 SETTINGS =
      new UpstreamSettings.Http2(
          1,
          1 << 20,
          1 << 20,
          1 << 20,
          new UpstreamSettings.Floods(Duration.ofSeconds(10), 1_000, 32));

  private final Line line;
  private final Duration limit;
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final UpstreamStream stream;
  private final byte[] buffer = new byte[16 * 1024];
  private @Nullable AttemptFailure failure;
  private boolean over;
  private boolean told;
  private int status;
  private long headBytes;
  private long bodyBytes;

  /// @param limit of each wait for bytes
  Http2Exchange(Line line, Endpoint endpoint, Duration limit, HeadLimits limits) {
    this.line = line;
    this.limit = limit;
    // The line waits; the connection's own clocks come after it.
    Duration never = limit.plusHours(1);
    var setup =
        new ConnectionSetup(
            never,
            never,
            never,
            limits,
            MOST_INTERIM_RESPONSES,
            SmallPieces.ANY,
            SETTINGS,
            new Deadlines(channel.eventLoop()));
    var connection =
        new Http2UpstreamConnection(
            channel,
            new EndpointState(endpoint, System::nanoTime),
            Optional.empty(),
            this,
            setup,
            1);
    channel.pipeline().addLast(connection);
    stream = connection.stream();
  }

  /// Writes the request, as far as the server lets it come.
  ///
  /// @return how many bytes were written
  long send(ReplayRequest request) throws IOException {
    stream.begin(this, new Outgoing(request));
    if (!request.body().isEmpty()) {
      stream.send(Unpooled.wrappedBuffer(request.body().getBytes(StandardCharsets.ISO_8859_1)));
    }
    stream.requestEnd(null);
    stream.flush();
    return pass();
  }

  /// Waits for the first byte of the answer.
  void first() throws Breaking {
    while (stream.firstByteNanos() == 0 && !over) {
      read(Phase.AWAIT_RESPONSE);
    }
    check();
  }

  /// Reads the answer to its end.
  Ending.Answered readOn() throws Breaking {
    while (!over) {
      read(Phase.READ_RESPONSE);
    }
    check();
    return new Ending.Answered(status, "", headBytes, bodyBytes);
  }

  void close() {
    channel.finishAndReleaseAll();
  }

  private void read(Phase phase) throws Breaking {
    int n;
    try {
      n = line.read(buffer, limit);
    } catch (SocketTimeoutException _) {
      throw new Breaking(
          phase,
          Symptom.RESPONSE_TIMEOUT,
          "nothing for " + limit.toMillis() + " ms" + place(phase));
    } catch (SSLHandshakeException e) {
      throw AnswerReader.refused(e);
    } catch (IOException _) {
      throw lost(phase, Closing.RESET);
    }
    if (n < 0) {
      throw lost(phase, Closing.FIN);
    }
    channel.writeInbound(Unpooled.copiedBuffer(buffer, 0, n));
    try {
      pass();
    } catch (IOException _) {
      // What it said before it closed is still to be read.
      told = true;
    }
  }

  /// Passes on what the connection wants to say.
  private long pass() throws IOException {
    channel.runPendingTasks();
    long sum = 0;
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      try {
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        if (!told) {
          line.out().write(bytes);
        }
        sum += bytes.length;
      } finally {
        out.release();
      }
    }
    return sum;
  }

  private void check() throws Breaking {
    if (failure != null) {
      throw broken(failure);
    }
  }

  private Breaking broken(AttemptFailure why) {
    return switch (why) {
      case ConnectionLost(Phase phase, Closing closing) -> lost(phase, closing);
      case StreamFailed failed ->
          new Breaking(
              failed.phase(),
              why.symptom(),
              "HTTP/2 error "
                  + Http2Errors.name(failed.code())
                  + (failed.detail().isEmpty() ? "" : ": " + failed.detail())
                  + place(failed.phase()));
      case MalformedResponse malformed ->
          new Breaking(
              malformed.phase(), why.symptom(), malformed.detail() + place(malformed.phase()));
      default -> new Breaking(why.phase(), why.symptom(), why.toString());
    };
  }

  private Breaking lost(Phase phase, Closing closing) {
    boolean reset = closing == Closing.RESET;
    Symptom symptom =
        phase == Phase.READ_RESPONSE ? Symptom.TRUNCATED : reset ? Symptom.RESET : Symptom.CLOSED;
    return new Breaking(
        phase, symptom, (reset ? "reset" : "closed") + " by the server" + place(phase));
  }

  private String place(Phase phase) {
    return phase == Phase.READ_RESPONSE
        ? " within the answer, after " + bodyBytes + " bytes of its body"
        : " without a byte of an answer";
  }

  @Override
  public void responseHead(ResponseHead head) {
    status = head.status();
    headBytes = head.fields().filled();
  }

  @Override
  public void responseContent(ByteBuf piece) {
    bodyBytes += piece.readableBytes();
    piece.release();
  }

  @Override
  public void responseEnd(@Nullable FieldSection trailers) {
    over = true;
  }

  @Override
  public void responseFailed(AttemptFailure why) {
    failure = why;
    over = true;
  }

  @Override
  public void switched(ResponseHead head) {
    over = true;
  }

  @Override
  public void tunnelInputEnded() {
    over = true;
  }

  @Override
  public void informational(ResponseHead head) {}

  @Override
  public void responseRead() {}

  @Override
  public void readComplete() {}

  @Override
  public void writabilityChanged(boolean writable) {}

  @Override
  public void released(UpstreamConnection connection) {}

  @Override
  public void closed(UpstreamConnection connection, boolean whileIdle, boolean byPeer) {}

  /// The request as connections want it.
  private record Outgoing(ReplayRequest request) implements OutgoingRequest {
    @Override
    public boolean isHead() {
      return request.method().equals("HEAD");
    }

    @Override
    public boolean asksForUpgrade() {
      return false;
    }

    @Override
    public boolean takesTrailers() {
      return false;
    }

    @Override
    public Framing framing() {
      return request.body().isEmpty() ? Framing.NONE : Framing.LENGTH;
    }

    @Override
    public int sizeHint() {
      return request.head().length;
    }

    @Override
    public void writeHttp1(ByteBuf out) {
      out.writeBytes(request.head());
    }
  }
}
