package io.whygate.gateway.replay;

import io.netty.buffer.ByteBuf;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.Symptom;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.http.HeadLimits;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// Sends a request to a server once, on a connection of its own, and tells of each phase as it
/// passes: by the protocol that TLS agrees on, as an exchange would. Blocks.
///
/// @param target where to, and how
/// @param watch hears of each phase that passed
public record Replay(Target target, Watch watch) {
  private static final String FIRST = "the first byte of an answer";
  private static final String TAKES_NO_MORE = "the server takes no more of the request: ";
  private static final HeadLimits LIMITS = new HeadLimits(8 * 1024, 64 * 1024, 200);

  /// Where a request is sent.
  ///
  /// @param address the address it was sent to before: used where it is still one of the name's, or
  ///   where the name is not known here
  /// @param serverName the TLS name, where it is not the endpoint's host
  /// @param trusted certificates to trust instead of the system's; empty for the system's
  /// @param client the certificate that is shown where the server asks for one
  /// @param protocol what is offered by TLS, or spoken without
  /// @param opening what the connection begins with
  /// @param connectLimit of dialling, and of the TLS handshake
  /// @param answerLimit of each wait for bytes of an answer
  public record Target(
      Endpoint endpoint,
      Optional<String> address,
      Optional<String> serverName,
      List<X509Certificate> trusted,
      boolean verify,
      Optional<ListenerSettings.KeyPair> client,
      UpstreamFacts.Protocol protocol,
      UpstreamFacts.ProxyProtocol opening,
      Duration connectLimit,
      Duration answerLimit) {
    /// How long nothing may come where no configuration says so.
    private static final Duration USUAL_ANSWER = Duration.ofSeconds(30);

    private static final Duration USUAL_CONNECT = Duration.ofSeconds(5);

    public Target {
      trusted = List.copyOf(trusted);
    }

    /// An endpoint as its upstream is spoken to.
    ///
    /// @param upstream the one that it belongs to; empty where that is not known
    public static Target of(
        Endpoint endpoint, Optional<String> address, Optional<UpstreamSettings> upstream) {
      return new Target(
          endpoint,
          address,
          upstream.flatMap(each -> each.tls().serverName()),
          upstream.map(each -> each.tls().trusted()).orElse(List.of()),
          upstream.map(each -> each.tls().verify()).orElse(true),
          upstream.flatMap(each -> each.tls().client()),
          upstream.map(UpstreamSettings::protocol).orElse(UpstreamFacts.Protocol.AUTO),
          upstream.map(UpstreamSettings::proxyProtocol).orElse(UpstreamFacts.ProxyProtocol.NONE),
          upstream.map(UpstreamSettings::connectTimeout).orElse(USUAL_CONNECT),
          upstream.map(UpstreamSettings::responseTimeout).orElse(USUAL_ANSWER));
    }

    /// The same with another limit of each wait for bytes of an answer.
    public Target within(Duration limit) {
      return new Target(
          endpoint,
          address,
          serverName,
          trusted,
          verify,
          client,
          protocol,
          opening,
          connectLimit,
          limit);
    }

    /// The same, whatever certificate is shown.
    public Target unverified() {
      return new Target(
          endpoint,
          address,
          serverName,
          trusted,
          false,
          client,
          protocol,
          opening,
          connectLimit,
          answerLimit);
    }
  }

  /// Hears of each phase as it passes.
  @FunctionalInterface
  public interface Watch {
    /// @param words what came of it
    void passed(Phase phase, long micros, String words);
  }

  /// Sends it.
  ///
  /// @throws IOException where this machine cannot try at all
  public Ending send(ReplayRequest request) throws IOException {
    Clock clock = new Clock();
    try {
      if (target.endpoint().isUnix()) {
        try (Line line = unix(clock)) {
          return exchange(line, request, clock);
        }
      }
      try (Line line = tcp(clock)) {
        return exchange(line, request, clock);
      }
    } catch (Breaking moment) {
      return moment.ending(clock.lap());
    }
  }

  private Line unix(Clock clock) throws Breaking {
    try {
      Line line = Line.Unix.to(target.endpoint());
      line.out().write(target.opening().own());
      watch.passed(Phase.CONNECT, clock.lap(), target.endpoint().host());
      return line;
    } catch (IOException e) {
      throw new Breaking(Phase.CONNECT, Symptom.CONNECT_REFUSED, String.valueOf(e.getMessage()));
    }
  }

  private Line tcp(Clock clock) throws Breaking, IOException {
    InetAddress address = resolve(clock);
    int port = target.endpoint().port();
    Line.Tcp line = dial(address, port);
    watch.passed(
        Phase.CONNECT, clock.lap(), address.getHostAddress() + " port " + port + " accepts");
    if (!target.endpoint().isTls()) {
      return line;
    }
    try {
      String name = target.serverName().orElse(target.endpoint().host());
      SSLSocket secured =
          new TlsGreeting(
                  name,
                  target.trusted(),
                  target.verify(),
                  target.client(),
                  target.protocol().offered())
              .greet(line.socket(), port, target.connectLimit());
      watch.passed(Phase.TLS_HANDSHAKE, clock.lap(), words(secured));
      return new Line.Tcp(secured);
    } catch (IOException | Breaking e) {
      line.close();
      throw e;
    }
  }

  private static String words(SSLSocket secured) {
    String protocol = secured.getSession().getProtocol();
    try {
      X509Certificate leaf = (X509Certificate) secured.getSession().getPeerCertificates()[0];
      return protocol
          + ", "
          + leaf.getSubjectX500Principal().getName()
          + " until "
          + leaf.getNotAfter().toInstant().toString().substring(0, 10);
    } catch (SSLPeerUnverifiedException _) {
      return protocol;
    }
  }

  private InetAddress resolve(Clock clock) throws Breaking {
    String host = target.endpoint().host();
    if (Endpoint.isAddressLiteral(host)) {
      return literal(host);
    }
    try {
      InetAddress[] found = InetAddress.getAllByName(host);
      Optional<InetAddress> same =
          target
              .address()
              .flatMap(a ->
                  Arrays.stream(found).filter(each -> each.getHostAddress().equals(a)).findFirst());
      InetAddress chosen = same.orElse(found[0]);
      String before =
          target.address().isEmpty()
              ? ""
              : same.isPresent()
                  ? ", as when it failed"
                  : ", when it failed " + target.address().get();
      watch.passed(Phase.RESOLVE, clock.lap(), host + " is " + chosen.getHostAddress() + before);
      return chosen;
    } catch (UnknownHostException _) {
      if (target.address().isEmpty()) {
        throw new Breaking(
            Phase.RESOLVE, Symptom.RESOLVE_FAILED, host + " has no address, says this machine");
      }
      String address = target.address().get();
      watch.passed(
          Phase.RESOLVE,
          clock.lap(),
          host + " is unknown here; " + address + ", as when it failed");
      return literal(address);
    }
  }

  private static InetAddress literal(String address) throws Breaking {
    try {
      return InetAddress.ofLiteral(address);
    } catch (IllegalArgumentException _) {
      throw new Breaking(Phase.RESOLVE, Symptom.RESOLVE_FAILED, address + " is no IP address");
    }
  }

  private Line.Tcp dial(InetAddress address, int port) throws Breaking {
    String place = address.getHostAddress() + " port " + port;
    try {
      Line.Tcp line = Line.Tcp.to(address, port, target.connectLimit());
      line.out().write(target.opening().own());
      return line;
    } catch (SocketTimeoutException _) {
      throw new Breaking(
          Phase.CONNECT,
          Symptom.CONNECT_TIMEOUT,
          place + ": nothing for " + target.connectLimit().toMillis() + " ms");
    } catch (NoRouteToHostException e) {
      throw new Breaking(Phase.CONNECT, Symptom.CONNECT_UNREACHABLE, place + ": " + words(e));
    } catch (ConnectException e) {
      throw new Breaking(Phase.CONNECT, Symptom.CONNECT_REFUSED, place + ": " + words(e));
    } catch (IOException e) {
      throw new Breaking(Phase.CONNECT, Symptom.CONNECT_FAILED, place + ": " + words(e));
    }
  }

  private static String words(IOException e) {
    String words = String.valueOf(e.getMessage());
    return words.isEmpty() ? words : Character.toLowerCase(words.charAt(0)) + words.substring(1);
  }

  private Ending exchange(Line line, ReplayRequest request, Clock clock) throws Breaking {
    return speaksHttp2(line) ? byHttp2(line, request, clock) : byHttp1(line, request, clock);
  }

  /// What TLS agreed on; without TLS, what is set.
  private boolean speaksHttp2(Line line) {
    return line instanceof Line.Tcp(SSLSocket secured)
        ? secured.getApplicationProtocol().equals(WireFacts.HTTP2)
        : target.protocol() == UpstreamFacts.Protocol.HTTP2 && !target.endpoint().isTls();
  }

  private Ending byHttp2(Line line, ReplayRequest request, Clock clock) throws Breaking {
    Http2Exchange exchange =
        new Http2Exchange(line, target.endpoint(), target.answerLimit(), LIMITS);
    try {
      watch.passed(Phase.SEND_REQUEST, clock.lap(), exchange.send(request) + " bytes, by HTTP/2");
      exchange.first();
      watch.passed(Phase.AWAIT_RESPONSE, clock.lap(), FIRST);
      Ending.Answered ending = exchange.readOn();
      watch.passed(Phase.READ_RESPONSE, clock.lap(), words(ending));
      return ending;
    } catch (IOException e) {
      throw new Breaking(Phase.SEND_REQUEST, Symptom.SEND_FAILED, TAKES_NO_MORE + words(e));
    } finally {
      exchange.close();
    }
  }

  private static String words(Ending.Answered ending) {
    return "head of " + ending.headBytes() + " bytes, body of " + ending.bodyBytes();
  }

  private Ending byHttp1(Line line, ReplayRequest request, Clock clock) throws Breaking {
    AnswerReader answer =
        new AnswerReader(line, target.answerLimit(), LIMITS, request.method().equals("HEAD"));
    byte[] bytes = request.whole();
    IOException unsent = null;
    try {
      line.out().write(bytes);
      watch.passed(Phase.SEND_REQUEST, clock.lap(), bytes.length + " bytes");
    } catch (IOException e) {
      // It may have answered before it closed.
      unsent = e;
    }
    ByteBuf first = firstOf(answer, unsent);
    watch.passed(Phase.AWAIT_RESPONSE, clock.lap(), FIRST);
    Ending.Answered ending = answer.readOn(first);
    watch.passed(Phase.READ_RESPONSE, clock.lap(), words(ending));
    return ending;
  }

  private static ByteBuf firstOf(AnswerReader answer, @Nullable IOException unsent)
      throws Breaking {
    try {
      return answer.first();
    } catch (Breaking e) {
      if (unsent != null && e.phase() != Phase.TLS_HANDSHAKE) {
        throw new Breaking(
            Phase.SEND_REQUEST, Symptom.SEND_FAILED, TAKES_NO_MORE + unsent.getMessage());
      }
      throw e;
    }
  }

  /// Tells the time since it was last asked.
  private static final class Clock {
    private long last = System.nanoTime();

    long lap() {
      long now = System.nanoTime();
      long micros = (now - last) / 1000;
      last = now;
      return micros;
    }
  }
}
