package io.whygate.gateway.connection.dial;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.OpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.connection.tls.HandshakeWatch;
import io.whygate.gateway.transport.Transport;
import io.whygate.gateway.upstream.TestUpstreams;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DialerTlsTest {
  private static final Pki PKI = Pki.of("shop.test", "127.0.0.1");

  private Dials dials;
  private FaultyServer server;

  @BeforeEach
  void start() throws IOException {
    dials = new Dials(Transport.best(), 1);
    dials.zone.address("shop", 60, "127.0.0.1");
    dials.zone.address("other", 60, "127.0.0.1");
    server = FaultyServer.startTls(PKI);
    dials.tls.prepare(List.of(settings(trusting(), https("shop.test"))));
  }

  @AfterEach
  void stop() {
    server.close();
    dials.close();
  }

  @Test
  void verifiesNameAgainstOwnAuthority() {
    Dials.Outcome outcome = dials.dial(settings(trusting()), https("shop.test"));
    assertThat(outcome.failure()).isEmpty();
    assertThat(outcome.how().orElseThrow().secured())
        .isGreaterThan(outcome.how().orElseThrow().connected());
    SslHandler tls = outcome.channel().orElseThrow().pipeline().get(SslHandler.class);
    assertThat(tls.engine()).isInstanceOf(OpenSslEngine.class);
    assertThat(outcome.channel().orElseThrow().pipeline().get(HandshakeWatch.class)).isNull();
  }

  @Test
  void verifiesAddressLiterals() {
    assertThat(dials.dial(settings(trusting()), https("127.0.0.1")).channel()).isPresent();
  }

  @Test
  void verifiesTheServerNameThatIsSet() {
    assertThat(dials.dial(settings(trusting()), https("other.test")).failure()).isPresent();
    UpstreamSettings.Tls named =
        new UpstreamSettings.Tls(
            true, Optional.of("shop.test"), List.of(PKI.root()), Optional.empty());
    assertThat(dials.dial(settings(named), https("other.test")).channel()).isPresent();
  }

  static Stream<TlsFault.BadCertificate> badCertificates() {
    return Stream.of(
        new TlsFault.Expired(),
        new TlsFault.NotYetValid(),
        new TlsFault.WrongName(),
        new TlsFault.SelfSigned(),
        new TlsFault.UntrustedIssuer(),
        new TlsFault.IncompleteChain(),
        new TlsFault.ExpiredIntermediate());
  }

  @ParameterizedTest
  @MethodSource("badCertificates")
  void keepsTheChainThatItRejects(TlsFault.BadCertificate fault) {
    server.tlsFault(fault);
    AttemptFailure.TlsRejected rejected = rejected(trusting());
    assertThat(rejected.problem()).isEqualTo(TlsProblem.CERTIFICATE_REJECTED);
    KeyedCertificate shown = PKI.showing(fault);
    assertThat(rejected.chain().getFirst()).isEqualTo(shown.der());
    assertThat(rejected.chain()).hasSameSizeAs(shown.chain());
  }

  @ParameterizedTest
  @MethodSource("badCertificates")
  void acceptsAnythingWhereVerificationIsOff(TlsFault.BadCertificate fault) {
    server.tlsFault(fault);
    UpstreamSettings.Tls careless =
        new UpstreamSettings.Tls(false, Optional.empty(), List.of(), Optional.empty());
    assertThat(dials.dial(settings(careless), https("shop.test")).channel()).isPresent();
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 70, 80, 112})
  void readsAlertNumber(int number) {
    server.tlsFault(new TlsFault.Alert(number));
    AttemptFailure.TlsRejected rejected = rejected(trusting());
    assertThat(rejected.problem()).isEqualTo(TlsProblem.ALERT_RECEIVED);
    assertThat(rejected.alert()).isEqualTo(number);
  }

  @Test
  void tellsPlainHttpFromTls() {
    server.tlsFault(new TlsFault.PlainHttp());
    DialFailure failure = failure(trusting());
    assertThat(((AttemptFailure.TlsRejected) failure.failure()).problem())
        .isEqualTo(TlsProblem.NOT_TLS);
    assertThat(failure.firstBytes()).startsWith("HTTP/1.");
    assertThat(failure.received()).isPositive();
  }

  @Test
  void tellsThatTheServerClosed() {
    server.tlsFault(new TlsFault.HandshakeClose());
    assertThat(rejected(trusting()).problem()).isEqualTo(TlsProblem.CLOSED);
  }

  @Test
  void tellsBreachOfTheProtocol() {
    server.tlsFault(new TlsFault.OldVersionOnly("TLSv1"));
    assertThat(rejected(trusting()).problem()).isEqualTo(TlsProblem.PROTOCOL);
  }

  @Test
  void givesUpAtSilentHandshake() {
    server.tlsFault(new TlsFault.HandshakeSilence());
    DialFailure failure = failure(trusting());
    assertThat(failure.failure())
        .isEqualTo(new AttemptFailure.TimedOut(Phase.TLS_HANDSHAKE, Duration.ofMillis(900)));
    assertThat(failure.timeline().connected()).isPositive();
    assertThat(failure.tcp()).isPresent();
  }

  @Test
  void showsClientCertificate() {
    server.tlsFault(new TlsFault.ClientCertificateRequired());
    KeyedCertificate client = PKI.newClient("gateway");
    UpstreamSettings.Tls tls =
        new UpstreamSettings.Tls(
            true,
            Optional.empty(),
            List.of(PKI.root()),
            Optional.of(new ListenerSettings.KeyPair(client.chain(), client.key())));
    assertThat(dials.dial(settings(tls), https("shop.test")).channel()).isPresent();
  }

  private DialFailure failure(UpstreamSettings.Tls tls) {
    return dials.dial(settings(tls), https("shop.test")).failure().orElseThrow();
  }

  private AttemptFailure.TlsRejected rejected(UpstreamSettings.Tls tls) {
    return (AttemptFailure.TlsRejected) failure(tls).failure();
  }

  private static UpstreamSettings.Tls trusting() {
    return new UpstreamSettings.Tls(true, Optional.empty(), List.of(PKI.root()), Optional.empty());
  }

  private static UpstreamSettings settings(UpstreamSettings.Tls tls, Endpoint... endpoints) {
    return TestUpstreams.of(endpoints).tls(tls).connectTimeout(Duration.ofMillis(900)).settings();
  }

  private Endpoint https(String host) {
    return new Endpoint(Endpoint.Scheme.HTTPS, host, server.port());
  }
}
