package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.facts.UpstreamFacts.AnswerLimits;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.SSLSocket;

/// Reads an answer to its end, as far as a bound, to see whether it is sound ([AnswerReader]).
public final class WholeAnswer {
  private static final int BODY_BYTES = 1 << 20;

  /// How long a server may take to send more than it announced, or to close.
  private static final Duration FOR_MORE = Duration.ofMillis(200);

  /// More than the usual packet takes.
  private static final int PACKET_BYTES = 1_700;

  /// What the gateway adds to a head says less than that.
  private static final int ADDED_BYTES = 512;

  private WholeAnswer() {}

  /// Asks an endpoint for a path without credentials. Blocks until the deadline at most.
  ///
  /// @param request names the method, GET or HEAD, the host and the path; where its head is large,
  ///   what is asked with is no smaller
  /// @param addresses where the endpoint may be; the first that answers counts
  /// @return the status of the whole answer; empty where none came or it broke off
  public static Optional<Integer> get(
      UpstreamFacts facts,
      Endpoint endpoint,
      Collection<InetAddress> addresses,
      RequestFacts request,
      Deadline deadline) {
    HttpProbe.Light light = light(facts, endpoint, request, padding(request.size().head()));
    return get(facts, endpoint, addresses, light, deadline);
  }

  /// What makes a request no smaller than one was with this head, as a server was sent it; nothing
  /// for a head of the usual size.
  private static String padding(int head) {
    return head < RequestFacts.Size.LARGE ? "" : "x".repeat(head + ADDED_BYTES);
  }

  /// The same, by a request that fills a packet: whether large packets arrive.
  public static Optional<Integer> getByLarge(
      UpstreamFacts facts,
      Endpoint endpoint,
      Collection<InetAddress> addresses,
      RequestFacts request,
      Deadline deadline) {
    HttpProbe.Light light = light(facts, endpoint, request, "x".repeat(PACKET_BYTES));
    return get(facts, endpoint, addresses, light, deadline);
  }

  private static HttpProbe.Light light(
      UpstreamFacts facts, Endpoint endpoint, RequestFacts request, String padding) {
    String host = request.host().isEmpty() ? endpoint.authority() : request.host();
    return new HttpProbe.Light(
        request.method(),
        request.path(),
        host,
        padding,
        endpoint.isTls(),
        facts.protocol(),
        facts.proxyProtocol());
  }

  private static Optional<Integer> get(
      UpstreamFacts facts,
      Endpoint endpoint,
      Collection<InetAddress> addresses,
      HttpProbe.Light light,
      Deadline deadline) {
    AnswerLimits limits = facts.answerLimits();
    if (endpoint.isUnix()) {
      return overUnix(endpoint, light, limits, deadline);
    }
    for (InetAddress address : addresses) {
      var target = new InetSocketAddress(address, endpoint.port());
      Optional<Integer> status =
          overTcp(target, TlsProbe.Greeting.of(facts, endpoint), light, limits, deadline);
      if (status.isPresent()) {
        return status;
      }
    }
    return Optional.empty();
  }

  private static Optional<Integer> overTcp(
      InetSocketAddress target,
      TlsProbe.Greeting greeting,
      HttpProbe.Light light,
      AnswerLimits limits,
      Deadline deadline) {
    try (var socket = new Socket()) {
      socket.connect(target, deadline.remainingMillis());
      socket.setSoTimeout(deadline.remainingMillis());
      socket.getOutputStream().write(light.opening().own());
      if (!light.secure()) {
        return exchange(light, "", socket, limits, deadline);
      }
      try (SSLSocket secured = TlsProbe.secure(socket, greeting)) {
        return exchange(light, TlsProbe.agreed(secured), secured, limits, deadline);
      }
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<Integer> exchange(
      HttpProbe.Light light, String agreed, Socket socket, AnswerLimits limits, Deadline deadline)
      throws IOException {
    return exchange(
        light,
        agreed,
        socket.getInputStream(),
        socket.getOutputStream(),
        limits,
        deadline,
        time -> waits(socket, time));
  }

  private static Optional<Integer> exchange(
      HttpProbe.Light light,
      String agreed,
      InputStream in,
      OutputStream out,
      AnswerLimits limits,
      Deadline deadline,
      Waiting waiting)
      throws IOException {
    if (light.byHttp2(agreed)) {
      Http2Ask.Answer answer = Http2Ask.ask(in, out, light, BODY_BYTES, limits);
      return answer.whole() ? Optional.of(answer.status()) : Optional.empty();
    }
    out.write(light.head());
    return read(light, in, limits, deadline, waiting);
  }

  private static Optional<Integer> overUnix(
      Endpoint endpoint, HttpProbe.Light light, AnswerLimits limits, Deadline deadline) {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(endpoint.host()));
      try (var _ = Closer.at(deadline, channel)) {
        OutputStream out = Channels.newOutputStream(channel);
        out.write(light.opening().own());
        return exchange(
            light, "", Channels.newInputStream(channel), out, limits, deadline, _ -> false);
      }
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /// Reads it; more than its framing says, and no close, is no sound answer either.
  private static Optional<Integer> read(
      HttpProbe.Light light,
      InputStream source,
      AnswerLimits limits,
      Deadline deadline,
      Waiting waiting)
      throws IOException {
    var in = new BufferedInputStream(source);
    var reader = new AnswerReader(in, deadline, limits, BODY_BYTES);
    Optional<Integer> status = reader.read(light.method().equals("HEAD"));
    if (status.isEmpty() || !reader.hasEnd() || !waiting.waitsFor(FOR_MORE)) {
      return status;
    }
    try {
      return in.read() < 0 ? status : Optional.empty();
    } catch (SocketTimeoutException e) {
      return status;
    }
  }

  /// Makes reading end after a time; false where that cannot be.
  private interface Waiting {
    boolean waitsFor(Duration time) throws IOException;
  }

  private static boolean waits(Socket socket, Duration time) throws IOException {
    socket.setSoTimeout((int) time.toMillis());
    return true;
  }
}
