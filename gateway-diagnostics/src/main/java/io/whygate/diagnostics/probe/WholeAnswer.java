package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.UpstreamFacts;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLSocket;

/// Reads an answer to its end, as far as a bound, to see whether its framing holds.
public final class WholeAnswer {
  private static final int BODY_BYTES = 1 << 20;
  private static final int LINE_CHARACTERS = 16_384;

  /// More than the usual packet takes.
  private static final int PACKET_BYTES = 1_700;

  private WholeAnswer() {}

  /// Asks an endpoint for a path without credentials. Blocks until the deadline at most.
  ///
  /// @param request names the host and the path
  /// @param addresses where the endpoint may be; the first that answers counts
  /// @return the status of the whole answer; empty where none came or it broke off
  public static Optional<Integer> get(
      UpstreamFacts facts,
      Endpoint endpoint,
      Collection<InetAddress> addresses,
      RequestFacts request,
      Deadline deadline) {
    return get(facts, endpoint, addresses, light(facts, endpoint, request, ""), deadline);
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
        "GET",
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
    if (endpoint.isUnix()) {
      return overUnix(endpoint, light, deadline);
    }
    for (InetAddress address : addresses) {
      var target = new InetSocketAddress(address, endpoint.port());
      Optional<Integer> status =
          overTcp(target, TlsProbe.Greeting.of(facts, endpoint), light, deadline);
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
      Deadline deadline) {
    try (var socket = new Socket()) {
      socket.connect(target, deadline.remainingMillis());
      socket.setSoTimeout(deadline.remainingMillis());
      socket.getOutputStream().write(light.opening().own());
      if (!light.secure()) {
        return exchange(light, "", socket, deadline);
      }
      try (SSLSocket secured = TlsProbe.secure(socket, greeting)) {
        return exchange(light, TlsProbe.agreed(secured), secured, deadline);
      }
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<Integer> exchange(
      HttpProbe.Light light, String agreed, Socket socket, Deadline deadline) throws IOException {
    return exchange(light, agreed, socket.getInputStream(), socket.getOutputStream(), deadline);
  }

  private static Optional<Integer> exchange(
      HttpProbe.Light light, String agreed, InputStream in, OutputStream out, Deadline deadline)
      throws IOException {
    if (light.byHttp2(agreed)) {
      Http2Ask.Answer answer = Http2Ask.ask(in, out, light, BODY_BYTES);
      return answer.whole() ? Optional.of(answer.status()) : Optional.empty();
    }
    out.write(light.head());
    return read(in, deadline);
  }

  private static Optional<Integer> overUnix(
      Endpoint endpoint, HttpProbe.Light light, Deadline deadline) {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(endpoint.host()));
      try (var _ = Closer.at(deadline, channel)) {
        OutputStream out = Channels.newOutputStream(channel);
        out.write(light.opening().own());
        return exchange(light, "", Channels.newInputStream(channel), out, deadline);
      }
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<Integer> read(InputStream source, Deadline deadline) throws IOException {
    var in = new BufferedInputStream(source);
    String statusLine = line(in);
    int status = HttpProbe.statusOf(statusLine);
    if (status < 0) {
      return Optional.empty();
    }
    long length = -1;
    boolean chunked = false;
    String field = line(in);
    while (!field.isEmpty()) {
      String lower = field.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = number(lower.substring("content-length:".length()).strip());
      } else if (lower.startsWith("transfer-encoding:") && lower.contains("chunked")) {
        chunked = true;
      }
      field = line(in);
    }
    boolean bodiless = status == 204 || status == 304 || status < 200;
    boolean whole =
        bodiless
            || (chunked
                ? readChunks(in, deadline)
                : length < 0 || skip(in, Math.min(length, BODY_BYTES), deadline));
    return whole ? Optional.of(status) : Optional.empty();
  }

  private static long number(String text) throws IOException {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IOException("Content-Length: " + text, e);
    }
  }

  private static boolean readChunks(InputStream in, Deadline deadline) throws IOException {
    long left = BODY_BYTES;
    while (left > 0) {
      String size = line(in);
      int end = size.indexOf(';');
      long length;
      try {
        length = Long.parseLong((end < 0 ? size : size.substring(0, end)).strip(), 16);
      } catch (NumberFormatException e) {
        return false;
      }
      if (length == 0) {
        return true;
      }
      if (!skip(in, Math.min(length, left), deadline)) {
        return false;
      }
      left -= length;
      if (left > 0 && !line(in).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private static boolean skip(InputStream in, long bytes, Deadline deadline) throws IOException {
    byte[] buffer = new byte[8_192];
    long left = bytes;
    while (left > 0) {
      if (deadline.hasPassed()) {
        return false;
      }
      int read = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (read < 0) {
        return false;
      }
      left -= read;
    }
    return true;
  }

  /// One line without its end; throws where the input ends before it.
  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder(64);
    while (line.length() < LINE_CHARACTERS) {
      int c = in.read();
      if (c < 0) {
        throw new IOException("the answer ended within a line");
      }
      if (c == '\n') {
        return line.toString();
      }
      if (c != '\r') {
        line.append((char) c);
      }
    }
    throw new IOException("a line of more than " + LINE_CHARACTERS + " characters");
  }
}
