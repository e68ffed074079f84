package io.whygate.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TlsFaultTest {
  private static final Pki PKI = Pki.of("shop.test", "127.0.0.1");

  private FaultyServer server;

  @BeforeEach
  void start() throws IOException {
    server = FaultyServer.startTls(PKI);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void servesOverTls() throws IOException {
    assertThat(fetch(PKI.clientContext())).contains("works");
  }

  @ParameterizedTest
  @MethodSource("certificates")
  void showsACertificateThatIsRefused(TlsFault fault, String problem) {
    server.tlsFault(fault);

    assertThatThrownBy(() -> fetch(PKI.clientContext()))
        .isInstanceOf(SSLException.class)
        .hasStackTraceContaining(problem);
  }

  static Stream<Arguments> certificates() {
    return Stream.of(
        arguments(new TlsFault.Expired(), "CertificateExpiredException"),
        arguments(new TlsFault.NotYetValid(), "CertificateNotYetValidException"),
        arguments(new TlsFault.WrongName(), "No subject alternative DNS name matching shop.test"),
        arguments(new TlsFault.SelfSigned(), "unable to find valid certification path"),
        arguments(new TlsFault.UntrustedIssuer(), "unable to find valid certification path"),
        arguments(new TlsFault.IncompleteChain(), "unable to find valid certification path"),
        arguments(new TlsFault.ExpiredIntermediate(), "CertificateExpiredException"),
        arguments(new TlsFault.UnrecognizedName(), "unrecognized_name"),
        arguments(TlsFault.Alert.HANDSHAKE_FAILURE, "handshake_failure"),
        arguments(TlsFault.Alert.PROTOCOL_VERSION, "protocol_version"),
        arguments(new TlsFault.OldVersionOnly("TLSv1"), "TLS10"),
        arguments(new TlsFault.OldVersionOnly("TLSv1.1"), "TLS11"),
        arguments(new TlsFault.HandshakeClose(), "terminated the handshake"),
        arguments(new TlsFault.PlainHttp(), "Unsupported or unrecognized SSL message"));
  }

  @Test
  void mendingShowsTheGoodCertificateAgain() throws IOException {
    server.tlsFault(new TlsFault.Expired());
    server.mend();

    assertThat(fetch(PKI.clientContext())).contains("works");
  }

  @Test
  void speaksOnlyTheVersionsAndSuitesItIsTold() throws IOException {
    server.tlsFault(new TlsFault.ProtocolsOnly(List.of("TLSv1.3")));
    assertThatThrownBy(
            () -> fetch(PKI.clientContext(), p -> p.setProtocols(new String[] {"TLSv1.2"})))
        .hasMessageContaining("protocol_version");
    assertThat(fetch(PKI.clientContext())).contains("works");

    server.tlsFault(new TlsFault.CiphersOnly(List.of("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256")));
    assertThatThrownBy(() ->
            fetch(
                PKI.clientContext(),
                p -> {
                  p.setProtocols(new String[] {"TLSv1.2"});
                  p.setCipherSuites(new String[] {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"});
                }))
        .hasMessageContaining("handshake_failure");
    assertThat(fetch(PKI.clientContext())).contains("works");
  }

  @Test
  void acceptsAClientThatSendsNoNameUnderUnrecognizedName() throws IOException {
    server.tlsFault(new TlsFault.UnrecognizedName());

    assertThat(fetch(PKI.clientContext(), p -> p.setServerNames(List.of()))).contains("works");
  }

  @Test
  void demandsAClientCertificate() throws IOException {
    server.tlsFault(new TlsFault.ClientCertificateRequired());

    assertThatThrownBy(() -> fetch(PKI.clientContext())).isInstanceOf(IOException.class);
    assertThat(fetch(PKI.newClient("gateway").context(PKI.root()))).contains("works");
  }

  @Test
  void saysNothingInTheHandshake() throws IOException {
    server.tlsFault(new TlsFault.HandshakeSilence());

    try (SSLSocket socket = connect(PKI.clientContext())) {
      socket.setSoTimeout(200);
      assertThatThrownBy(socket::startHandshake).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void tellsPlainHttpAsNginxDoes() throws IOException {
    RawClient.Heard heard = RawClient.get(server, "/");

    assertThat(heard.end()).isEqualTo("closed");
    assertThat(heard.text())
        .startsWith("HTTP/1.1 400 ")
        .contains("The plain HTTP request was sent to HTTPS port");
  }

  @Test
  void aPlainServerCanTakeUpTls() throws IOException {
    try (var plain = FaultyServer.builder().tlsLater(PKI).start()) {
      assertThat(RawClient.get(plain, "/").text()).contains("works");
      plain.encrypted(true);
      assertThat(RawClient.get(plain, "/").text()).contains("HTTPS port");
      plain.mend();
      assertThat(RawClient.get(plain, "/").text()).contains("works");
    }
  }

  private String fetch(SSLContext context) throws IOException {
    return fetch(context, _ -> {});
  }

  private String fetch(SSLContext context, java.util.function.Consumer<SSLParameters> adjustment)
      throws IOException {
    try (SSLSocket socket = connect(context)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      parameters.setServerNames(List.of(new SNIHostName("shop.test")));
      adjustment.accept(parameters);
      socket.setSSLParameters(parameters);
      socket.setSoTimeout(5_000);
      socket.startHandshake();
      var request = "GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      return new String(
          socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.ISO_8859_1);
    }
  }

  private SSLSocket connect(SSLContext context) throws IOException {
    var socket = new Socket(server.address().getAddress(), server.port());
    return (SSLSocket)
        context.getSocketFactory().createSocket(socket, "shop.test", server.port(), true);
  }
}
