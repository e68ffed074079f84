package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Asked.AskOutcome;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import io.whygate.diagnostics.probe.Finding.Narrowed;
import io.whygate.diagnostics.probe.Finding.Opened;
import io.whygate.diagnostics.probe.Finding.Padded;
import io.whygate.diagnostics.probe.icmp.Conversation;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/// Asks for light paths beside the failing one, to tell a path that fails from a site that fails.
///
/// A request carries no visitor's credentials, no query and no body, and calls itself
/// `Whygate-Probe`.
public final class HttpProbe implements Probe {
  /// What a probe calls itself.
  public static final String USER_AGENT = "Whygate-Probe";

  /// A window of which servers fill half at most: less than any path takes in one packet.
  private static final int NARROW = 1_024;

  /// How long one waits for a start page: a slow one tells nothing of packets.
  private static final Duration NARROW_PATIENCE = Duration.ofMillis(250);

  private static final int BAD_REQUEST = 400;

  @Override
  public void ask(Inquiry inquiry) {
    String failing = inquiry.exchange().request().path();
    var tasks = new ArrayList<Runnable>();
    for (String path : List.of("/", "/robots.txt")) {
      if (!path.equals(failing)) {
        String method = path.equals("/") ? "HEAD" : "GET";
        tasks.add(() -> request(inquiry, method, path));
      }
    }
    inquiry.all(tasks);
    inquiry.hear(false);
    OpeningProbe.ask(inquiry);
  }

  /// Asks on a connection that begins otherwise than they are configured to, and reports what came
  /// back.
  static void opening(Inquiry inquiry, UpstreamFacts.ProxyProtocol opening) {
    if (!inquiry.mayAsk()) {
      return;
    }
    long started = System.nanoTime();
    Light usual = light(inquiry, Purpose.SAME, "HEAD", "/", "");
    Light light =
        new Light(
            usual.method(),
            usual.path(),
            usual.host(),
            "",
            usual.secure(),
            usual.protocol(),
            opening);
    Target target =
        new Target(
            inquiry.target().orElse(InetSocketAddress.createUnresolved("localhost", 0)),
            Purpose.SAME);
    Asked asked =
        inquiry.endpoint().isUnix()
            ? overUnix(inquiry, inquiry.endpoint().host(), target, light)
            : overTcp(inquiry, target, light);
    inquiry.report(new Opened(asked, opening), started);
  }

  private static void request(Inquiry inquiry, String method, String path) {
    if (inquiry.endpoint().isUnix()) {
      long started = System.nanoTime();
      var nowhere = InetSocketAddress.createUnresolved("localhost", 0);
      if (inquiry.mayAsk()) {
        Target target = new Target(nowhere, Purpose.SAME);
        Light light = light(inquiry, Purpose.SAME, method, path, "");
        Asked asked = overUnix(inquiry, inquiry.endpoint().host(), target, light);
        inquiry.report(asked, started);
      }
      return;
    }
    inquiry.target().ifPresent(target -> request(inquiry, target, Purpose.SAME, method, path));
  }

  /// @param window how many bytes may be on their way to us at once; 0 for as many as the system
  ///   sees fit
  record Target(InetSocketAddress address, Purpose purpose, int window) {
    Target(InetSocketAddress address, Purpose purpose) {
      this(address, purpose, 0);
    }
  }

  /// A light request.
  ///
  /// @param padding the value of a field that makes it large; may be empty
  /// @param protocol what it is made by; over TLS what the server agrees to of it
  /// @param opening what its connection begins with
  record Light(
      String method,
      String path,
      String host,
      String padding,
      boolean secure,
      UpstreamFacts.Protocol protocol,
      UpstreamFacts.ProxyProtocol opening) {
    byte[] head() {
      return HttpProbe.head(method, path, host, padding);
    }

    /// Whether it is made by HTTP/2 where TLS agreed on this; empty for nothing.
    boolean byHttp2(String agreed) {
      return switch (protocol) {
        case AUTO -> agreed.equals(WireFacts.HTTP2);
        case HTTP1 -> false;
        case HTTP2 -> true;
      };
    }
  }

  private static Light light(
      Inquiry inquiry, Purpose purpose, String method, String path, String padding) {
    return new Light(
        method,
        path,
        inquiry.requestHost(),
        padding,
        inquiry.endpoint().isTls(),
        inquiry.protocol(purpose),
        inquiry.facts().proxyProtocol());
  }

  /// Sends one request to the endpoint's port at an address, by TLS where the endpoint is spoken to
  /// so, and reports what came back.
  public static void request(
      Inquiry inquiry, InetSocketAddress target, Purpose purpose, String method, String path) {
    // What is spoken to an endpoint by TCP nobody here knows.
    if (inquiry.endpoint().isTcp() || !inquiry.mayAsk()) {
      return;
    }
    long started = System.nanoTime();
    Light light = light(inquiry, purpose, method, path, "");
    Asked asked = overTcp(inquiry, new Target(target, purpose), light);
    inquiry.report(asked, started);
    if (understands(asked)) {
      inquiry.hear(true);
    }
  }

  /// Whether an answer shows that the server is spoken to as it wants to be; a bad request is what
  /// it says of much else.
  static boolean understands(Asked asked) {
    return asked.isAnswered() && asked.status() != BAD_REQUEST;
  }

  /// Whether light requests are plain HTTP/1.1, so that any connection will do.
  static boolean isPlain(Inquiry inquiry) {
    return !inquiry.endpoint().isTls()
        && !inquiry.endpoint().isTcp()
        && inquiry.protocol(Purpose.SAME) != UpstreamFacts.Protocol.HTTP2;
  }

  /// Sends a plain light request on a connection that is there, and reports what came back.
  static void request(Inquiry inquiry, InetSocketAddress target, Conversation conversation) {
    long started = System.nanoTime();
    Light light = light(inquiry, Purpose.SAME, "HEAD", "/", "");
    var request = new ByteArrayOutputStream();
    request.writeBytes(light.opening().own());
    request.writeBytes(light.head());
    Optional<byte[]> answer =
        conversation.ask(
            request.toByteArray(), LightAnswer.HEAD_BYTES, inquiry.deadline().remainingMillis());
    inquiry.report(begun(answer, new Target(target, Purpose.SAME), light, started), started);
  }

  /// What the beginning of an answer says, which may be a part of its head.
  private static Asked begun(Optional<byte[]> answer, Target target, Light light, long asked) {
    if (answer.isEmpty()) {
      return failed(target, light, AskOutcome.SILENT);
    }
    try {
      Asked read = LightAnswer.read(new ByteArrayInputStream(answer.get()), target, light, asked);
      return read.outcome() == AskOutcome.CUT_SHORT ? read.with(AskOutcome.ANSWERED) : read;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Sends a light request with a field of padding, and reports what came back.
  static void padded(
      Inquiry inquiry, InetSocketAddress target, String method, String path, int padding) {
    if (!inquiry.mayAsk()) {
      return;
    }
    long started = System.nanoTime();
    Light light = light(inquiry, Purpose.SAME, method, path, "x".repeat(padding));
    Asked asked = overTcp(inquiry, new Target(target, Purpose.SAME), light);
    inquiry.report(new Padded(asked, padding), started);
  }

  /// Asks for the start page as any client, and at the same time with a window that makes the
  /// server send small packets, and reports what came back of both.
  static void narrowed(Inquiry inquiry, InetSocketAddress target) {
    long started = System.nanoTime();
    Inquiry hurried = inquiry.within(NARROW_PATIENCE);
    Light light = light(inquiry, Purpose.SAME, "GET", "/", "");
    var answers = new ConcurrentHashMap<Integer, Asked>();
    List<Runnable> both = new ArrayList<>();
    for (int window : List.of(0, NARROW)) {
      both.add(() -> {
        if (hurried.mayAsk()) {
          answers.put(window, overTcp(hurried, new Target(target, Purpose.SAME, window), light));
        }
      });
    }
    inquiry.all(both);
    Asked usual = answers.get(0);
    Asked narrow = answers.get(NARROW);
    if (usual != null && narrow != null) {
      inquiry.report(new Narrowed(usual, narrow), started);
    }
  }

  private static Asked overTcp(Inquiry inquiry, Target target, Light light) {
    try (var socket = new Socket()) {
      try {
        if (target.window() > 0) {
          socket.setReceiveBufferSize(target.window());
        }
        socket.connect(target.address(), inquiry.deadline().remainingMillis());
      } catch (IOException e) {
        return failed(target, light, AskOutcome.NOT_CONNECTED);
      }
      socket.setSoTimeout(inquiry.deadline().remainingMillis());
      socket.setTcpNoDelay(true);
      socket.getOutputStream().write(light.opening().own());
      if (!light.secure()) {
        return exchange(light, "", socket, target);
      }
      try (SSLSocket secured =
          TlsProbe.secure(socket, inquiry.greeting().speaking(light.protocol()))) {
        String agreed = TlsProbe.agreed(secured);
        // The handshake has taken of the time.
        socket.setSoTimeout(inquiry.deadline().remainingMillis());
        return exchange(light, agreed, secured, target);
      } catch (SSLException e) {
        return failed(target, light, AskOutcome.TLS_FAILED);
      }
    } catch (SocketTimeoutException e) {
      return failed(target, light, AskOutcome.SILENT);
    } catch (IOException e) {
      return failed(target, light, AskOutcome.CLOSED);
    }
  }

  /// Speaks plain HTTP to a port on which TLS is configured.
  static Asked plain(Inquiry inquiry, InetSocketAddress target) {
    Light light =
        new Light(
            "GET",
            "/",
            inquiry.requestHost(),
            "",
            false,
            UpstreamFacts.Protocol.HTTP1,
            inquiry.facts().proxyProtocol());
    return overTcp(inquiry, new Target(target, Purpose.SAME), light);
  }

  private static Asked exchange(Light light, String agreed, Socket socket, Target target)
      throws IOException {
    return exchange(light, agreed, socket.getInputStream(), socket.getOutputStream(), target);
  }

  /// @param agreed what TLS agreed on; may be empty
  private static Asked exchange(
      Light light, String agreed, InputStream in, OutputStream out, Target target)
      throws IOException {
    if (light.byHttp2(agreed)) {
      Http2Ask.Answer answer =
          Http2Ask.ask(in, out, light, LightAnswer.BODY_BYTES, UpstreamFacts.AnswerLimits.USUAL);
      return byHttp2(light, answer, target);
    }
    out.write(light.head());
    return LightAnswer.read(in, target, light, System.nanoTime());
  }

  private static Asked byHttp2(Light light, Http2Ask.Answer answer, Target target) {
    AskOutcome outcome =
        !answer.isHttp2()
            ? AskOutcome.NOT_HTTP
            : answer.status() < 0
                ? AskOutcome.CLOSED
                : answer.whole() ? AskOutcome.ANSWERED : AskOutcome.CUT_SHORT;
    return new Asked(
        target.address(),
        target.purpose(),
        light.method(),
        light.path(),
        outcome,
        answer.status(),
        Map.of(),
        answer.body(),
        answer.ttfbMicros());
  }

  private static Asked overUnix(Inquiry inquiry, String socket, Target target, Light light) {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket));
      // A channel has no read time-out: closing it at the deadline ends the read.
      try (var _ = Closer.at(inquiry.deadline(), channel)) {
        OutputStream out = Channels.newOutputStream(channel);
        out.write(light.opening().own());
        return exchange(light, "", Channels.newInputStream(channel), out, target);
      }
    } catch (AsynchronousCloseException e) {
      return failed(target, light, AskOutcome.SILENT);
    } catch (IOException e) {
      boolean refused = e instanceof ConnectException;
      return failed(target, light, refused ? AskOutcome.NOT_CONNECTED : AskOutcome.CLOSED);
    }
  }

  private static byte[] head(String method, String path, String host, String padding) {
    return (method
            + " "
            + path
            + " HTTP/1.1\r\nHost: "
            + host
            + "\r\nUser-Agent: "
            + USER_AGENT
            + "\r\nAccept: */*\r\nConnection: close\r\n"
            + (padding.isEmpty() ? "" : "Whygate-Padding: " + padding + "\r\n")
            + "\r\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  static Asked failed(Target target, Light light, AskOutcome outcome) {
    return new Asked(
        target.address(),
        target.purpose(),
        light.method(),
        light.path(),
        outcome,
        -1,
        Map.of(),
        "",
        -1);
  }
}
