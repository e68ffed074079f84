package io.whygate.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.AttemptFailure.MalformedResponse;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.memory.Memory;
import io.whygate.diagnostics.probe.Deadline;
import io.whygate.diagnostics.probe.Finding.Handshaken;
import io.whygate.diagnostics.probe.TlsProbe;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Step;
import io.whygate.diagnostics.verdict.StepState;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import java.io.IOException;
import java.net.URI;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TlsDiagnosisTest {
  private static final String HOST = "127.0.0.1";

  private final Pki pki = Pki.of(HOST);
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Diagnostician diagnostician =
      new Diagnostician(Failures.UNHURRIED, new Memory(InstantSource.system()));
  private FaultyServer server;

  @BeforeEach
  void serve() throws IOException {
    opened.add(diagnostician);
    server = FaultyServer.startTls(pki);
    opened.add(server);
    // The first handshake of a process loads what the budget has no room for, on both sides.
    handshake();
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closeable : opened) {
      closeable.close();
    }
  }

  static Stream<Arguments> certificates() {
    return Stream.of(
        Arguments.of(new TlsFault.Expired(), Cause.TLS_CERTIFICATE_EXPIRED),
        Arguments.of(new TlsFault.ExpiredIntermediate(), Cause.TLS_CERTIFICATE_EXPIRED),
        Arguments.of(new TlsFault.NotYetValid(), Cause.TLS_CERTIFICATE_NOT_YET_VALID),
        Arguments.of(new TlsFault.WrongName(), Cause.TLS_NAME_MISMATCH),
        Arguments.of(new TlsFault.SelfSigned(), Cause.TLS_SELF_SIGNED),
        Arguments.of(new TlsFault.UntrustedIssuer(), Cause.TLS_UNTRUSTED_ISSUER),
        Arguments.of(new TlsFault.IncompleteChain(), Cause.TLS_UNTRUSTED_ISSUER));
  }

  @ParameterizedTest
  @MethodSource("certificates")
  void namesWhatIsWrongWithACertificate(TlsFault fault, Cause expected) throws Exception {
    server.tlsFault(fault);
    List<byte[]> chain = encoded(handshake().chain());

    Diagnosis diagnosis =
        diagnose(new TlsRejected(TlsProblem.CERTIFICATE_REJECTED, -1, chain, "rejected"));

    assertThat(diagnosis.cause()).isEqualTo(expected);
    assertThat(diagnosis.steps())
        .filteredOn(step -> step.state() == StepState.FAILED)
        .singleElement()
        .matches(step -> step.step() == Step.SERVER);
  }

  @Test
  void seesTheChainBySecondHandshakeWhereTheFirstDidNotKeepIt() throws Exception {
    server.tlsFault(new TlsFault.Expired());

    Diagnosis diagnosis =
        diagnose(new TlsRejected(TlsProblem.CERTIFICATE_REJECTED, -1, List.of(), "rejected"));

    assertThat(diagnosis.cause()).isEqualTo(Cause.TLS_CERTIFICATE_EXPIRED);
    assertThat(diagnosis.verdict().parameters()).containsKey("not-after");
  }

  @Test
  void tellsAMissingIntermediateByWhereTheLeafSaysItIs() throws Exception {
    Pki withAddress = pki.withIssuerAt(URI.create("http://127.0.0.1/issuer.der"));
    FaultyServer other = FaultyServer.startTls(withAddress);
    opened.add(other);
    other.tlsFault(new TlsFault.IncompleteChain());
    Failures failures =
        Failures.at("https://127.0.0.1:" + other.port()).trusting(withAddress.root());

    Diagnosis diagnosis =
        diagnose(
            failures, new TlsRejected(TlsProblem.CERTIFICATE_REJECTED, -1, List.of(), "rejected"));

    assertThat(diagnosis.cause()).isEqualTo(Cause.TLS_INCOMPLETE_CHAIN);
  }

  static Stream<Arguments> negotiations() {
    return Stream.of(
        Arguments.of(TlsFault.Alert.PROTOCOL_VERSION, alert(70), Cause.TLS_VERSION_MISMATCH),
        Arguments.of(
            new TlsFault.OldVersionOnly("TLSv1.1"),
            new TlsRejected(TlsProblem.PROTOCOL, -1, List.of(), "unsupported protocol"),
            Cause.TLS_VERSION_MISMATCH),
        Arguments.of(
            new TlsFault.CiphersOnly(List.of("TLS_RSA_WITH_AES_128_CBC_SHA256")),
            alert(40),
            Cause.TLS_CIPHER_MISMATCH),
        Arguments.of(new TlsFault.UnrecognizedName(), alert(112), Cause.TLS_UNRECOGNIZED_NAME),
        Arguments.of(
            new TlsFault.ClientCertificateRequired(),
            alert(116),
            Cause.TLS_CLIENT_CERTIFICATE_REQUIRED),
        Arguments.of(
            new TlsFault.ClientCertificateRequired(),
            alert(42),
            Cause.TLS_CLIENT_CERTIFICATE_REQUIRED),
        Arguments.of(
            new TlsFault.ClientCertificateRequired(),
            new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.RESET),
            Cause.TLS_CLIENT_CERTIFICATE_REQUIRED),
        Arguments.of(
            new TlsFault.HandshakeSilence(),
            new TimedOut(Phase.TLS_HANDSHAKE, Duration.ofSeconds(1)),
            Cause.TLS_HANDSHAKE_TIMEOUT),
        Arguments.of(
            new TlsFault.PlainHttp(),
            new TlsRejected(TlsProblem.NOT_TLS, -1, List.of(), ""),
            Cause.TLS_PLAINTEXT_UPSTREAM),
        Arguments.of(
            new TlsFault.PlainHttp(),
            new TlsRejected(TlsProblem.CLOSED, -1, List.of(), ""),
            Cause.TLS_PLAINTEXT_UPSTREAM),
        Arguments.of(
            new TlsFault.PlainHttp(),
            new TimedOut(Phase.TLS_HANDSHAKE, Duration.ofSeconds(1)),
            Cause.TLS_PLAINTEXT_UPSTREAM));
  }

  @ParameterizedTest
  @MethodSource("negotiations")
  void tellsWhatAHandshakeFailedOf(TlsFault fault, AttemptFailure failure, Cause expected)
      throws Exception {
    server.tlsFault(fault);

    assertThat(diagnose(failure).cause()).isEqualTo(expected);
  }

  @Test
  void namesAPortThatWantsTls() throws Exception {
    Failures plain = Failures.at("http://127.0.0.1:" + server.port());

    assertThat(diagnose(plain, new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN)).cause())
        .isEqualTo(Cause.TLS_REQUIRED);
    assertThat(
            diagnose(
                    plain,
                    new MalformedResponse(
                        Phase.READ_RESPONSE, ResponseProblem.TLS_WANTED, "", -1, -1))
                .cause())
        .isEqualTo(Cause.TLS_REQUIRED);
  }

  private static TlsRejected alert(int number) {
    return new TlsRejected(TlsProblem.ALERT_RECEIVED, number, List.of(), "alert " + number);
  }

  private Handshaken handshake() {
    return TlsProbe.handshake(
        server.address(),
        new TlsProbe.Greeting(
            HOST, UpstreamFacts.Protocol.AUTO, Optional.empty(), UpstreamFacts.ProxyProtocol.NONE),
        Deadline.in(Duration.ofSeconds(3)));
  }

  private static List<byte[]> encoded(List<X509Certificate> chain)
      throws CertificateEncodingException {
    List<byte[]> encoded = new ArrayList<>();
    for (X509Certificate certificate : chain) {
      encoded.add(certificate.getEncoded());
    }
    return encoded;
  }

  private Diagnosis diagnose(AttemptFailure failure) throws Exception {
    return diagnose(
        Failures.at(new Endpoint(Endpoint.Scheme.HTTPS, HOST, server.port()), HOST)
            .trusting(pki.root()),
        failure);
  }

  private Diagnosis diagnose(Failures failures, AttemptFailure failure) throws Exception {
    return diagnostician
        .diagnose(failures.failing(failure), failures.facts())
        .toCompletableFuture()
        .get(5, TimeUnit.SECONDS);
  }
}
