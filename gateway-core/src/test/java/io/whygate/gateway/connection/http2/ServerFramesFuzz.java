package io.whygate.gateway.connection.http2;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.gateway.config.SmallPieces;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.connection.ConnectionOwner;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.connection.OutgoingRequest;
import io.whygate.gateway.connection.ResponseReceiver;
import io.whygate.gateway.connection.UpstreamConnection;
import io.whygate.gateway.connection.UpstreamStream;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.HeadLimits;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.upstream.EndpointState;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Any bytes as what a server of HTTP/2 sends to three requests: each gets one answer by the rules,
/// or one failure, wherever the bytes are cut; what is handed on is what a client may be sent, and
/// no buffer is left behind.
public final class ServerFramesFuzz {
  private static final Duration LONG = Duration.ofHours(1);
  private static final Endpoint SERVER = new Endpoint(Endpoint.Scheme.HTTP, "127.0.0.1", 1);

  /// GET, HEAD, and POST whose content follows.
  private static final List<Asked> REQUESTS =
      List.of(new Asked("GET", false), new Asked("HEAD", false), new Asked("POST", true));

  private ServerFramesFuzz() {}

  /// Called by Jazzer. The first byte says whether receivers pause, and where the bytes are cut.
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    boolean slow = (input[0] & 1) != 0;
    byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
    int cut = bytes.length * (input[0] >> 1 & 0x7f) / 0x80;
    List<String> whole = answers(bytes, 0, slow);
    List<String> parts = answers(bytes, cut, slow);
    check(whole.equals(parts), "cut at " + cut + ": " + whole + " or " + parts);
  }

  /// What each request is told.
  private static List<String> answers(byte[] bytes, int cut, boolean slow) {
    UnpooledByteBufAllocator buffers = new UnpooledByteBufAllocator(false);
    EmbeddedChannel channel = new EmbeddedChannel();
    channel.config().setAllocator(buffers);
    ConnectionSetup setup =
        new ConnectionSetup(
            LONG,
            LONG,
            LONG,
            new HeadLimits(500, 2000, 30),
            64,
            new SmallPieces(8, 20, LONG),
            new UpstreamSettings.Http2(
                100, 70_000, 70_000, 70_000, new UpstreamSettings.Floods(LONG, 50, 4)),
            new Deadlines(channel.eventLoop()));
    var connection =
        new Http2UpstreamConnection(
            channel,
            new EndpointState(SERVER, System::nanoTime),
            Optional.empty(),
            new Nobody(),
            setup,
            100);
    channel.pipeline().addLast(connection);
    List<Told> told = new ArrayList<>();
    for (Asked each : REQUESTS) {
      UpstreamStream stream = connection.stream();
      Told receiver = new Told(stream, each, slow);
      told.add(receiver);
      stream.begin(receiver, each);
      if (each.framing() != Framing.NONE) {
        stream.send(buffers.buffer().writeBytes("hello".getBytes(ISO_8859_1)));
      }
      stream.requestEnd(null);
      stream.flush();
    }
    read(channel, buffers, bytes, 0, cut);
    read(channel, buffers, bytes, cut, bytes.length);
    told.forEach(Told::goOn);
    channel.close();
    channel.finishAndReleaseAll();
    check(buffers.metric().usedHeapMemory() == 0, "a buffer is left");
    check(buffers.metric().usedDirectMemory() == 0, "a direct buffer is left");
    return told.stream().map(Told::end).toList();
  }

  private static void read(
      EmbeddedChannel channel, UnpooledByteBufAllocator buffers, byte[] bytes, int from, int to) {
    if (to > from && channel.isActive()) {
      channel.writeInbound(buffers.buffer().writeBytes(bytes, from, to - from));
      channel.runPendingTasks();
    }
  }

  /// A request.
  private record Asked(String method, boolean hasContent) implements OutgoingRequest {
    @Override
    public boolean isHead() {
      return method.equals("HEAD");
    }

    @Override
    public boolean asksForUpgrade() {
      return false;
    }

    @Override
    public boolean takesTrailers() {
      return true;
    }

    @Override
    public Framing framing() {
      return hasContent ? Framing.CHUNKED : Framing.NONE;
    }

    @Override
    public int sizeHint() {
      return 100;
    }

    @Override
    public void writeHttp1(ByteBuf out) {
      out.writeBytes((method + " / HTTP/1.1\r\nHost: a\r\n\r\n").getBytes(ISO_8859_1));
    }
  }

  private static final class Nobody implements ConnectionOwner {
    @Override
    public void released(UpstreamConnection connection) {}

    @Override
    public void closed(UpstreamConnection connection, boolean whileIdle, boolean byPeer) {}
  }

  /// What one request is told, and in which order.
  private static final class Told implements ResponseReceiver {
    private final UpstreamStream stream;
    private final Asked asked;
    private final boolean slow;
    private final StringBuilder events = new StringBuilder();
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private @Nullable Framing framing;
    private long length;
    private boolean read;
    private boolean over;

    Told(UpstreamStream stream, Asked asked, boolean slow) {
      this.stream = stream;
      this.asked = asked;
      this.slow = slow;
    }

    void goOn() {
      if (slow && !over) {
        stream.resume();
      }
    }

    String end() {
      check(over, "a request that is told nothing: " + events);
      return events + " " + content.toString(ISO_8859_1);
    }

    @Override
    public void informational(ResponseHead head) {
      check(framing == null && !over, "an interim answer after the head");
      check(head.status() < 200 && head.status() != 101, "status " + head.status());
      sound(head);
      events.append(head.status()).append(' ');
    }

    @Override
    public void responseHead(ResponseHead head) {
      check(framing == null && !over, "a second head");
      check(head.status() >= 200 && head.status() <= 999, "status " + head.status());
      sound(head);
      framing = head.framing();
      length = head.contentLength();
      check(!asked.isHead() || framing == Framing.NONE, "content for HEAD");
      events.append(head.status()).append(' ').append(framing).append(' ');
      if (slow) {
        stream.pause();
      }
    }

    /// A head that can be written as HTTP/1.1 as it is.
    private static void sound(ResponseHead head) {
      FieldSection fields = head.fields();
      for (int i = 0; i < fields.count(); i++) {
        clean(fields.name(i), false);
        clean(fields.value(i), true);
        check(
            fields.bytes()[fields.lineEnd(i) - 2] == '\r'
                && fields.bytes()[fields.lineEnd(i) - 1] == '\n',
            "a line without an end");
      }
    }

    private static void clean(String text, boolean isValue) {
      for (char c : text.toCharArray()) {
        check(c != '\r' && c != '\n' && c != 0 && (isValue || c != ':'), "a field: " + text);
      }
    }

    @Override
    public void responseContent(ByteBuf piece) {
      check(framing != null && !read && !over, "content out of place");
      content.writeBytes(ByteBufUtil.getBytes(piece));
      piece.release();
      check(framing != Framing.NONE || content.size() == 0, "content where there is none");
      check(framing != Framing.LENGTH || content.size() <= length, "more than the length");
    }

    @Override
    public void responseRead() {
      check(framing != null && !read && !over, "an end out of place");
      check(framing != Framing.LENGTH || content.size() == length, "less than the length");
      read = true;
    }

    @Override
    public void responseEnd(@Nullable FieldSection trailers) {
      check(read && !over, "an end before the content is read");
      over = true;
      events.append("end");
      for (int i = 0; trailers != null && i < trailers.count(); i++) {
        clean(trailers.name(i), false);
        clean(trailers.value(i), true);
        events.append(' ').append(trailers.name(i)).append(':').append(trailers.value(i));
      }
    }

    @Override
    public void responseFailed(AttemptFailure failure) {
      check(!read && !over, "a failure after the end");
      over = true;
      events.append(failure.getClass().getSimpleName());
    }

    @Override
    public void switched(ResponseHead head) {
      throw new AssertionError("nobody asked for it");
    }

    @Override
    public void tunnelInputEnded() {
      throw new AssertionError("nobody asked for it");
    }

    @Override
    public void readComplete() {}

    @Override
    public void writabilityChanged(boolean writable) {}
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
