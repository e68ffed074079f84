package io.whygate.diagnostics;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.LogSource;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.TcpFacts;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.UpstreamFacts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// What a proxy would have seen, put together by hand.
public final class Failures {
  public static final String UPSTREAM = "shop";

  /// For tests of causes on machines that are busy with other things.
  public static final DiagnosticsSettings UNHURRIED =
      new DiagnosticsSettings(
          Duration.ofMillis(900), Duration.ZERO, Duration.ofSeconds(2), 64, 1_000);

  private String path = "/order";
  private String method = "GET";
  private Endpoint endpoint = new Endpoint(Endpoint.Scheme.HTTP, "127.0.0.1", 80);
  private Optional<InetAddress> address = Optional.empty();
  private ConnectionUse use = ConnectionUse.FRESH;
  private long received;
  private long sent = 200;
  private String firstBytes = "";
  private Optional<TcpFacts> tcp = Optional.empty();
  private List<InetSocketAddress> dns = List.of();
  private int authoritativePort = 53;
  private List<X509Certificate> trusted = List.of();
  private List<LogSource> logs = List.of();
  private List<Endpoint> others = List.of();
  private UpstreamFacts.ProxyProtocol proxyProtocol = UpstreamFacts.ProxyProtocol.NONE;
  private Optional<UpstreamFacts.Maintenance> maintenance = Optional.empty();
  private UpstreamFacts.AnswerLimits answerLimits = UpstreamFacts.AnswerLimits.USUAL;

  private Failures() {}

  public static Failures at(Endpoint endpoint, String address) {
    var failures = new Failures();
    failures.endpoint = endpoint;
    failures.address = address.isEmpty() ? Optional.empty() : Optional.of(address(address));
    return failures;
  }

  public static Failures at(String url) {
    int scheme = url.indexOf("://");
    int port = url.lastIndexOf(':');
    String host = url.substring(scheme + 3, port);
    return at(
        new Endpoint(
            Endpoint.Scheme.valueOf(url.substring(0, scheme).toUpperCase(Locale.ROOT)),
            host,
            Integer.parseInt(url.substring(port + 1))),
        host.chars().allMatch(c -> c == '.' || Character.isDigit(c)) ? host : "");
  }

  public Failures usedAddress(String text) {
    address = Optional.of(address(text));
    return this;
  }

  /// The upstream has this endpoint too.
  public Failures beside(Failures other) {
    others = List.of(other.endpoint);
    return this;
  }

  /// An exchange of which each attempt failed at another place.
  public static FailedExchange together(FailedExchange... failed) {
    List<FailedAttempt> attempts =
        Stream.of(failed).flatMap(each -> each.attempts().stream()).toList();
    FailedExchange last = failed[failed.length - 1];
    return new FailedExchange(
        last.upstream(),
        last.request(),
        last.failure(),
        attempts,
        last.processed(),
        last.at(),
        last.elapsedMicros());
  }

  public Failures path(String path) {
    this.path = path;
    return this;
  }

  public Failures method(String method) {
    this.method = method;
    return this;
  }

  public Failures reusedAfter(Duration idle) {
    use = new ConnectionUse(3, idle.toMillis() + 500, idle.toMillis());
    return this;
  }

  public Failures received(String bytes) {
    received = bytes.length();
    firstBytes = bytes;
    return this;
  }

  public Failures sent(long bytes) {
    sent = bytes;
    return this;
  }

  public Failures tcp(TcpFacts facts) {
    tcp = Optional.of(facts);
    return this;
  }

  public Failures dns(int authoritativePort, InetSocketAddress... servers) {
    this.authoritativePort = authoritativePort;
    dns = List.of(servers);
    return this;
  }

  public Failures trusting(X509Certificate... certificates) {
    trusted = List.of(certificates);
    return this;
  }

  public Failures announcing(UpstreamFacts.ProxyProtocol version) {
    proxyProtocol = version;
    return this;
  }

  public Failures logs(Path... files) {
    logs = Stream.of(files).<LogSource>map(LogSource.LogFile::new).toList();
    return this;
  }

  public Failures maintenance(Instant until) {
    maintenance = Optional.of(new UpstreamFacts.Maintenance(Optional.of(until), ""));
    return this;
  }

  public Failures answersWithin(int head, int fields, int interim) {
    answerLimits = new UpstreamFacts.AnswerLimits(head, fields, interim);
    return this;
  }

  public UpstreamFacts facts() {
    return new UpstreamFacts(
        UPSTREAM,
        Stream.concat(Stream.of(endpoint), others.stream()).toList(),
        dns,
        authoritativePort,
        trusted,
        true,
        Optional.empty(),
        Duration.ofSeconds(1),
        Duration.ofSeconds(2),
        logs,
        UpstreamFacts.Contact.NONE,
        maintenance,
        "",
        UpstreamFacts.Protocol.AUTO,
        Optional.empty(),
        proxyProtocol,
        answerLimits);
  }

  public FailedExchange failing(AttemptFailure... failures) {
    List<FailedAttempt> attempts = List.of(failures).stream().map(this::attempt).toList();
    return exchange(new ExchangeFailure.AttemptsExhausted(), attempts);
  }

  public FailedExchange ending(ExchangeFailure failure) {
    return exchange(failure, List.of());
  }

  private FailedExchange exchange(ExchangeFailure failure, List<FailedAttempt> attempts) {
    boolean notSent =
        attempts.isEmpty()
            || attempts.getLast().failure().phase().compareTo(Phase.SEND_REQUEST) < 0;
    return new FailedExchange(
        UPSTREAM,
        new RequestFacts(method, path, "shop.example", "http", 0),
        failure,
        attempts,
        notSent ? RequestProcessed.NOT_SENT : RequestProcessed.UNKNOWN,
        Instant.now(),
        1_500);
  }

  private FailedAttempt attempt(AttemptFailure failure) {
    boolean connected = failure.phase().compareTo(Phase.CONNECT) > 0;
    long never = Timeline.NEVER;
    return new FailedAttempt(
        endpoint,
        address,
        failure,
        new Timeline(10, connected ? 400 : never, connected ? 400 : never, never, never, 1_000),
        use,
        sent,
        received,
        firstBytes,
        tcp);
  }

  public static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new AssertionError(text, e);
    }
  }
}
