package io.whygate.gateway.listener.http3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3Headers;
import io.netty.handler.codec.http3.DefaultHttp3HeadersFrame;
import io.netty.handler.codec.http3.Http3;
import io.netty.handler.codec.http3.Http3ClientConnectionHandler;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3GoAwayFrame;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.http3.Http3Settings;
import io.netty.handler.codec.http3.Http3SettingsFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.codec.quic.SslEarlyDataReadyEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.whygate.gateway.RunningGateway;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A client of HTTP/3, by Netty's QUIC. It says what it is told to, right or wrong.
final class H3Client implements AutoCloseable {
  /// A HEADERS frame: GET / of localhost, by names and values that every QPACK decoder knows.
  static final byte[] GET = "\1\20\0\0\321\327\301P\tlocalhost".getBytes(ISO_8859_1);

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final List<Long> goAways = new CopyOnWriteArrayList<>();
  private final List<Call> early = new CopyOnWriteArrayList<>();
  private final Channel socket;
  private final QuicChannel connection;
  private volatile @Nullable QuicConnectionCloseEvent closed;
  private volatile @Nullable Http3Settings settings;

  /// How a client is made.
  static final class Setup {
    private final QuicSslContextBuilder tls =
        QuicSslContextBuilder.forClient().applicationProtocols("h3");
    private String name = "localhost";
    private long patience = 60;
    private long streamWindow = 1 << 20;
    private String @Nullable [] earlyRequests;
    private @Nullable QuicSslContext known;

    Setup trusting(java.security.cert.X509Certificate root) {
      tls.trustManager(root);
      return this;
    }

    Setup tls(Consumer<QuicSslContextBuilder> more) {
      more.accept(tls);
      return this;
    }

    Setup name(String asked) {
      name = asked;
      return this;
    }

    Setup streamWindow(long bytes) {
      streamWindow = bytes;
      return this;
    }

    /// Gives up after so many seconds.
    Setup within(long seconds) {
      patience = seconds;
      return this;
    }

    /// Sends these as soon as it may, before the handshake is over: each `METHOD /path`, and fields
    /// on lines of their own.
    Setup early(String... requests) {
      earlyRequests = requests;
      return this;
    }

    /// What remembers sessions, for one connection after the other.
    Setup context(QuicSslContext context) {
      known = context;
      return this;
    }

    QuicSslContext context() {
      QuicSslContext made = known == null ? tls.build() : known;
      known = made;
      return made;
    }

    H3Client connect(InetSocketAddress address) throws Exception {
      return new H3Client(this, address);
    }
  }

  private H3Client(Setup setup, InetSocketAddress address) throws Exception {
    QuicSslContext tls = setup.context();
    ChannelHandler codec =
        new QuicClientCodecBuilder()
            .sslEngineProvider(
                channel -> tls.newEngine(channel.alloc(), setup.name, address.getPort()))
            .maxIdleTimeout(60, TimeUnit.SECONDS)
            .initialMaxData(16 << 20)
            .initialMaxStreamDataBidirectionalLocal(setup.streamWindow)
            .initialMaxStreamDataUnidirectional(1 << 16)
            .initialMaxStreamsUnidirectional(16)
            .maxRecvUdpPayloadSize(1500)
            .build();
    socket =
        new Bootstrap()
            .group(loops)
            .channel(NioDatagramChannel.class)
            .handler(codec)
            .bind("127.0.0.1", 0)
            .sync()
            .channel();
    try {
      connection =
          QuicChannel.newBootstrap(socket)
              .handler(new Connection(setup))
              .remoteAddress(address)
              .connect()
              .get(setup.patience, TimeUnit.SECONDS);
    } catch (Exception | Error e) {
      // An event loop that is told to end while it runs its tasks does not close what is open.
      socket.close().awaitUninterruptibly(5000);
      loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly(5000);
      throw e;
    }
  }

  private void begin(QuicChannel on, String[] requests) {
    for (String each : requests) {
      String[] lines = each.split("\n");
      String[] parts = lines[0].split(" ", 2);
      String[] more = Arrays.copyOfRange(lines, 1, lines.length);
      early.add(beginOn(on, true, all(pseudo(parts[0], parts[1]), more)));
    }
  }

  /// Puts the codec in place, and hears of the connection's end.
  private final class Connection extends io.netty.channel.ChannelInitializer<QuicChannel> {
    private final Setup setup;

    Connection(Setup setup) {
      this.setup = setup;
    }

    @Override
    protected void initChannel(QuicChannel channel) {
      channel
          .pipeline()
          .addLast(
              new ChannelInboundHandlerAdapter() {
                @Override
                public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                  if (event instanceof QuicConnectionCloseEvent close) {
                    closed = close;
                  }
                  if (event instanceof SslEarlyDataReadyEvent && setup.earlyRequests != null) {
                    QuicChannel on = (QuicChannel) ctx.channel();
                    // What is written during the event goes out with the client's next packet only.
                    on.eventLoop().execute(() -> begin(on, setup.earlyRequests));
                  }
                  ctx.fireUserEventTriggered(event);
                }

                @Override
                public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                  // The test looks at what became of it.
                }
              },
              new Http3ClientConnectionHandler(new GoAways(), null, null, null, true));
    }
  }

  @ChannelHandler.Sharable
  private final class GoAways extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof Http3GoAwayFrame frame) {
        goAways.add(frame.id());
      }
      if (message instanceof Http3SettingsFrame frame) {
        settings = frame.settings();
      }
      ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // The test looks at what became of it.
    }
  }

  QuicChannel connection() {
    return connection;
  }

  /// What was sent before the handshake was over.
  List<Call> early() {
    return early;
  }

  /// What the gateway says of itself.
  Http3Settings settings() {
    RunningGateway.await(() -> settings != null);
    return settings;
  }

  /// Asks for another protocol at this path.
  Call connect(String protocol, String path, String... fields) {
    return begin(
        false, all(all(pseudo("CONNECT", path), new String[] {":protocol: " + protocol}), fields));
  }

  /// The ids of GOAWAY so far.
  List<Long> goAways() {
    return goAways;
  }

  /// The code with which the gateway closed the connection.
  int awaitClosed() {
    RunningGateway.await(() -> closed != null);
    return closed.error();
  }

  static String[] pseudo(String method, String path) {
    return new String[] {
      ":method: " + method, ":scheme: https", ":authority: localhost", ":path: " + path
    };
  }

  private static String[] all(String[] first, String[] more) {
    List<String> both = new ArrayList<>(List.of(first));
    both.addAll(List.of(more));
    return both.toArray(String[]::new);
  }

  Call get(String path, String... fields) {
    return begin(true, all(pseudo("GET", path), fields));
  }

  Call post(String path, String... fields) {
    return begin(false, all(pseudo("POST", path), fields));
  }

  /// Sends a list of fields as it is.
  Call begin(boolean end, String... fields) {
    return beginOn(connection, end, fields);
  }

  private static Call beginOn(QuicChannel on, boolean end, String... fields) {
    Call call = new Call();
    Future<QuicStreamChannel> opened = Http3.newRequestStream(on, call);
    opened.addListener(done -> {
      if (done.isSuccess()) {
        QuicStreamChannel stream = (QuicStreamChannel) done.getNow();
        stream
            .write(new DefaultHttp3HeadersFrame(headers(fields)))
            .addListener(_ -> {
              if (end) {
                stream.shutdownOutput();
              }
            });
        stream.flush();
        call.stream = stream;
      } else {
        call.failure = done.cause();
      }
    });
    return call;
  }

  private static Http3Headers headers(String... fields) {
    Http3Headers headers = new DefaultHttp3Headers(false);
    for (String each : fields) {
      int colon = each.indexOf(':', 1);
      headers.add(each.substring(0, colon), each.substring(colon + 1).strip());
    }
    return headers;
  }

  /// Opens a stream of requests and sends bytes on it, whatever they are.
  Call raw(byte[] bytes) throws Exception {
    Call call = new Call();
    QuicStreamChannel stream =
        connection.createStream(QuicStreamType.BIDIRECTIONAL, call).get(60, TimeUnit.SECONDS);
    call.stream = stream;
    stream.writeAndFlush(Unpooled.wrappedBuffer(bytes));
    return call;
  }

  /// Sends bytes on the control stream, behind the settings.
  void control(byte[] bytes) {
    RunningGateway.await(() -> Http3.getLocalControlStream(connection) != null);
    QuicStreamChannel control = Http3.getLocalControlStream(connection);
    control.pipeline().firstContext().writeAndFlush(Unpooled.wrappedBuffer(bytes));
  }

  /// Opens a stream of one direction and sends bytes on it.
  void unidirectional(byte[] bytes) throws Exception {
    QuicStreamChannel stream =
        connection
            .createStream(QuicStreamType.UNIDIRECTIONAL, new ChannelInboundHandlerAdapter())
            .get(60, TimeUnit.SECONDS);
    stream.writeAndFlush(Unpooled.wrappedBuffer(bytes));
  }

  @Override
  public void close() {
    connection.close().awaitUninterruptibly(5000);
    socket.close().awaitUninterruptibly(5000);
    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly(5000);
  }

  /// One request and what came back.
  static final class Call extends ChannelInboundHandlerAdapter {
    private final List<List<String>> heads = new CopyOnWriteArrayList<>();
    private final ByteArrayOutputStream content = new ByteArrayOutputStream();
    private volatile @Nullable QuicStreamChannel stream;
    private volatile @Nullable Throwable failure;
    private volatile int received;
    private volatile long reset = -1;
    private volatile boolean ended;
    private volatile boolean gone;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      switch (message) {
        case Http3HeadersFrame frame -> {
          List<String> fields = new ArrayList<>();
          frame.headers().forEach(each -> fields.add(each.getKey() + ": " + each.getValue()));
          heads.add(fields);
        }
        case Http3DataFrame frame -> {
          take(frame.content());
          frame.release();
        }
        case ByteBuf bytes -> {
          take(bytes);
          bytes.release();
        }
        default -> ReferenceCountUtil.release(message);
      }
    }

    private synchronized void take(ByteBuf piece) {
      content.writeBytes(ByteBufUtil.getBytes(piece));
      received = content.size();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == ChannelInputShutdownReadComplete.INSTANCE) {
        ended = true;
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (cause instanceof QuicStreamResetException stop) {
        reset = stop.applicationProtocolCode();
      }
      failure = cause;
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      gone = true;
    }

    private QuicStreamChannel stream() {
      RunningGateway.await(() -> stream != null || failure != null);
      QuicStreamChannel opened = stream;
      if (opened == null) {
        throw new AssertionError("no stream", failure);
      }
      return opened;
    }

    Call send(byte[] piece) {
      stream().writeAndFlush(new DefaultHttp3DataFrame(Unpooled.wrappedBuffer(piece)));
      return this;
    }

    /// Sends a piece; whether QUIC took it within so many milliseconds. It is sent in any case.
    boolean sends(byte[] piece, long millis) {
      return stream()
          .writeAndFlush(new DefaultHttp3DataFrame(Unpooled.wrappedBuffer(piece)))
          .awaitUninterruptibly(millis);
    }

    /// Sends bytes as they are, on a stream without a codec.
    Call sendRaw(byte[] bytes) {
      stream().writeAndFlush(Unpooled.wrappedBuffer(bytes));
      return this;
    }

    /// Ends a stream without a codec.
    Call endRaw() {
      QuicStreamChannel opened = stream();
      opened.eventLoop().execute(opened::shutdownOutput);
      return this;
    }

    /// Whether the gateway still takes content of the request.
    boolean takesMore() {
      QuicStreamChannel opened = stream();
      return opened.isOpen()
          && opened
              .writeAndFlush(new DefaultHttp3DataFrame(Unpooled.wrappedBuffer(new byte[65_536])))
              .awaitUninterruptibly(1000)
          && opened.isOpen();
    }

    /// Ends the request with these.
    Call trailers(String... fields) {
      QuicStreamChannel opened = stream();
      opened
          .writeAndFlush(new DefaultHttp3HeadersFrame(headers(fields)))
          .addListener(_ -> opened.shutdownOutput());
      return this;
    }

    /// Ends the request, once all that was sent has gone out.
    Call end() {
      QuicStreamChannel opened = stream();
      opened
          .writeAndFlush(new DefaultHttp3DataFrame(Unpooled.EMPTY_BUFFER))
          .addListener(_ -> opened.shutdownOutput());
      return this;
    }

    /// Takes nothing of the answer, or goes on.
    Call takes(boolean wanted) {
      stream().config().setAutoRead(wanted);
      if (wanted) {
        stream().read();
      }
      return this;
    }

    /// Takes a little of the answer, while it takes nothing by itself.
    void takesSome() {
      stream().read();
    }

    /// Wants no answer any more.
    void stop(int code) {
      stream().shutdownInput(code);
    }

    /// Ends the request in the middle.
    void reset(int code) {
      stream().shutdown(code);
    }

    Call awaitHead() {
      RunningGateway.await(() -> !heads.isEmpty() || reset >= 0);
      return this;
    }

    /// Waits until the answer is whole, or was broken off.
    Call answer() {
      RunningGateway.await(() -> ended || reset >= 0 || gone);
      return this;
    }

    private boolean isInterim(List<String> head) {
      return head.getFirst().startsWith(":status: 1");
    }

    List<List<String>> interim() {
      return heads.stream().filter(each -> isInterim(each)).toList();
    }

    /// Whether the final head came.
    boolean hasHead() {
      return heads.stream().anyMatch(each -> !isInterim(each));
    }

    List<String> fields() {
      return heads.stream().filter(each -> !isInterim(each)).findFirst().orElseThrow();
    }

    List<String> trailers() {
      List<List<String>> last = heads.stream().filter(each -> !isInterim(each)).toList();
      return last.size() > 1 ? last.get(1) : List.of();
    }

    String field(String name) {
      return fields().stream()
          .filter(each -> each.startsWith(name + ": "))
          .map(each -> each.substring(name.length() + 2))
          .findFirst()
          .orElse("");
    }

    int status() {
      return Integer.parseInt(field(":status"));
    }

    int received() {
      return received;
    }

    synchronized String text() {
      return content.toString(ISO_8859_1);
    }

    /// The code with which the gateway reset the stream; -1 where it did not.
    long reset() {
      return reset;
    }
  }
}
