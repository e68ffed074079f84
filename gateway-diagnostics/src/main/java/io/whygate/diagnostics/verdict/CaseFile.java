package io.whygate.diagnostics.verdict;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure.AttemptsExhausted;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.memory.Recollection;
import io.whygate.diagnostics.platform.Platform;
import io.whygate.diagnostics.probe.Finding;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Delegated;
import io.whygate.diagnostics.probe.Finding.Dialled;
import io.whygate.diagnostics.probe.Finding.Dialled.DialOutcome;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import io.whygate.diagnostics.probe.Finding.Greeted;
import io.whygate.diagnostics.probe.Finding.Handshaken;
import io.whygate.diagnostics.probe.Finding.HostInspected;
import io.whygate.diagnostics.probe.Finding.Looked;
import io.whygate.diagnostics.probe.Finding.Looked.Role;
import io.whygate.diagnostics.probe.Finding.Noted;
import io.whygate.diagnostics.probe.Finding.OwnInspected;
import io.whygate.diagnostics.probe.Finding.Pinged;
import io.whygate.diagnostics.probe.Observation;
import java.net.InetAddress;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// All that is known of one failed exchange when it is judged: what the proxy saw, what the probes
/// found, what is remembered. It is seen from one attempt of the exchange, as that is.
///
/// @param observations what the probes found, in the order in which it came
public record CaseFile(
    FailedExchange exchange,
    UpstreamFacts facts,
    List<Observation> observations,
    Recollection memory) {
  /// The port of name servers that `dig` asks.
  private static final int DNS_PORT = 53;

  public CaseFile {
    observations = List.copyOf(observations);
  }

  /// The failure of the attempt that it is seen from; empty where nothing was tried, or where a
  /// limit ended it.
  public Optional<AttemptFailure> failure() {
    return exchange.failure() instanceof AttemptsExhausted
        ? exchange.subject().map(FailedAttempt::failure)
        : Optional.empty();
  }

  /// That failure, where it is of this kind.
  public <F extends AttemptFailure> Optional<F> failure(Class<F> kind) {
    return failure().filter(kind::isInstance).map(kind::cast);
  }

  /// The endpoint that failed there, else the upstream's first.
  public Optional<Endpoint> endpoint() {
    return exchange
        .subject()
        .map(FailedAttempt::endpoint)
        .or(() -> facts.endpoints().stream().findFirst());
  }

  /// The address that failed there.
  public Optional<InetAddress> address() {
    return exchange.subject().flatMap(FailedAttempt::address);
  }

  /// Whether an address is one that the exchange was tried at.
  public boolean wasTried(InetAddress address) {
    return exchange.attempts().stream()
        .anyMatch(attempt -> attempt.address().filter(address::equals).isPresent());
  }

  /// When that attempt began.
  public Instant attemptBegan() {
    return exchange.subjectBegan();
  }

  /// The findings of one kind.
  public <F extends Finding> Stream<F> findings(Class<F> kind) {
    return observations.stream().map(Observation::finding).filter(kind::isInstance).map(kind::cast);
  }

  public Stream<Dialled> dialled(Purpose purpose) {
    return findings(Dialled.class).filter(dialled -> dialled.purpose() == purpose);
  }

  /// What came of a new connection to the same place; empty where that was not asked.
  public Optional<Dialled> redialled() {
    return dialled(Purpose.SAME).findFirst();
  }

  /// Other ports of the same host, and a surely closed one.
  public List<Dialled> siblings() {
    return Stream.concat(dialled(Purpose.SIBLING_PORT), dialled(Purpose.CLOSED_PORT)).toList();
  }

  /// Whether the host said anything on another port.
  public Optional<Dialled> answeringSibling() {
    return siblings().stream().filter(Dialled::isFromHost).findFirst();
  }

  /// What shows that the host is up, in words for operators: an answer of another port, or a ping.
  public Optional<String> signOfLife() {
    return answeringSibling()
        .map(other ->
            "port "
                + other.target().getPort()
                + (other.outcome() == DialOutcome.ACCEPTED ? " accepts" : " answers with a reset"))
        .or(() -> pinged().filter(Pinged::isAnswered).map(_ -> "it answers pings"));
  }

  public Optional<Pinged> pinged() {
    return findings(Pinged.class).findFirst();
  }

  /// The ICMP message that the place that failed draws: now, in the failed try, or a while ago.
  public Optional<IcmpMessage> icmp() {
    return redialled()
        .flatMap(Dialled::icmp)
        .or(() -> exchange.subject().flatMap(attempt -> attempt.wire().icmp()))
        .or(() -> findings(Noted.class).map(Noted::icmp).findFirst());
  }

  public Stream<Looked> looked(Role role) {
    return findings(Looked.class).filter(looked -> looked.role() == role);
  }

  /// Requests to the same place for other paths than the failed one.
  public List<Asked> lightRequests() {
    return findings(Asked.class)
        .filter(asked -> asked.purpose() == Purpose.SAME)
        .filter(asked -> !asked.path().equals(exchange.request().path()))
        .toList();
  }

  /// The light request that was answered soonest.
  public Optional<Asked> answeredLight() {
    return lightRequests().stream()
        .filter(Asked::isAnswered)
        .min((a, b) -> Long.compare(a.ttfbMicros(), b.ttfbMicros()));
  }

  /// The whole handshake with the place that failed.
  public Optional<Handshaken> handshake() {
    return findings(Handshaken.class)
        .filter(h -> address().map(a -> a.equals(h.target().getAddress())).orElse(false))
        .findFirst();
  }

  public Stream<Greeted> greeted() {
    return findings(Greeted.class);
  }

  public Optional<HostInspected> host() {
    return findings(HostInspected.class).findFirst();
  }

  public Optional<OwnInspected> own() {
    return findings(OwnInspected.class).findFirst();
  }

  /// The parameters that every text may name: `host`, `port`, `address`, `endpoint`, `upstream`,
  /// `path`, `method`; `zone` and `name-server`, where the zone's own servers were found.
  public Map<String, String> parameters() {
    var parameters = new HashMap<String, String>();
    parameters.put("upstream", exchange.upstream());
    parameters.put("path", exchange.request().path());
    parameters.put("method", exchange.request().method());
    Platform.named(facts.platform()).ifPresent(each -> parameters.put("platform", each.id()));
    endpoint()
        .ifPresent(endpoint -> {
          parameters.put("endpoint", endpoint.url());
          parameters.put("host", endpoint.host());
          parameters.put("port", Integer.toString(endpoint.port()));
        });
    address().ifPresent(address -> parameters.put("address", address.getHostAddress()));
    findings(Delegated.class)
        .filter(found -> !found.zone().isEmpty())
        .findFirst()
        .ifPresent(found -> parameters.put("zone", found.zone()));
    looked(Looked.Role.AUTHORITATIVE)
        .map(Looked::server)
        .filter(server -> server.getPort() == DNS_PORT)
        .findFirst()
        .ifPresent(server -> parameters.put("name-server", server.getAddress().getHostAddress()));
    return parameters;
  }

  /// [#parameters] with more of them, as name and value in turn.
  public Map<String, String> parameters(String... more) {
    var parameters = new HashMap<>(parameters());
    for (int i = 0; i + 1 < more.length; i += 2) {
      parameters.put(more[i], more[i + 1]);
    }
    return parameters;
  }
}
