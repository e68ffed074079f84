package io.whygate.faults.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CertificatesTest {
  @TempDir private Path folder;

  @Test
  void saysWhatItWasToldToSay() throws Exception {
    Instant from = Instant.parse("2020-02-03T04:05:06Z");
    Instant to = Instant.parse("2051-02-03T04:05:06Z");
    KeyedCertificate leaf =
        Certificates.leaf("shop.test")
            .dns("shop.test")
            .dns("*.shop.test")
            .ip(InetAddress.ofLiteral("127.0.0.1"))
            .ip(InetAddress.ofLiteral("::1"))
            .valid(from, to)
            .usages(CertificateDraft.SERVER_AUTH)
            .issuerAt(URI.create("http://127.0.0.1:1/issuer.cer"))
            .selfSigned();

    X509Certificate certificate = leaf.certificate();
    assertThat(certificate.getNotBefore().toInstant()).isEqualTo(from);
    assertThat(certificate.getNotAfter().toInstant()).isEqualTo(to);
    assertThat(certificate.getSubjectAlternativeNames())
        .containsExactlyInAnyOrder(
            List.of(2, "shop.test"),
            List.of(2, "*.shop.test"),
            List.of(7, "127.0.0.1"),
            List.of(7, "0:0:0:0:0:0:0:1"));
    assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
    assertThat(certificate.getKeyUsage()).startsWith(true, false);
    assertThat(certificate.getSerialNumber()).isPositive();
    assertThat(
            new String(
                certificate.getExtensionValue("1.3.6.1.5.5.7.1.1"), StandardCharsets.ISO_8859_1))
        .contains("http://127.0.0.1:1/issuer.cer");
    certificate.verify(certificate.getPublicKey());
  }

  @Test
  void chainsLeaveOutTheRoot() {
    Pki pki = Pki.of("shop.test");

    assertThat(pki.server().chain())
        .containsExactly(pki.server().certificate(), pki.intermediate().certificate());
    assertThat(pki.root().getBasicConstraints()).isEqualTo(Integer.MAX_VALUE);
    assertThat(pki.showing(new TlsFault.IncompleteChain()).chain()).hasSize(1);
    assertThat(pki.showing(new TlsFault.SelfSigned()).chain()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(KeyKind.class)
  void opensslAcceptsTheChainAndTheKey(KeyKind kind) throws Exception {
    assumeThat(opensslIsThere()).as("openssl on PATH").isTrue();
    Pki pki = Pki.of(kind, "shop.test", "127.0.0.1");
    Path root = Certificates.writePem(folder.resolve("root.pem"), pki.root());
    KeyedCertificate.PemFiles files = pki.server().writeTo(folder, "shop");

    assertThat(
            openssl(
                "verify",
                "-x509_strict",
                "-purpose",
                "sslserver",
                "-verify_hostname",
                "shop.test",
                "-CAfile",
                root.toString(),
                "-untrusted",
                files.chain().toString(),
                files.chain().toString()))
        .contains("shop.pem: OK");
    assertThat(openssl("x509", "-in", files.chain().toString(), "-noout", "-pubkey"))
        .isEqualTo(openssl("pkey", "-in", files.key().toString(), "-pubout"));
  }

  private static boolean opensslIsThere() throws InterruptedException {
    try {
      return new ProcessBuilder("openssl", "version").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private String openssl(String... arguments) throws Exception {
    Path output = Files.createTempFile(folder, "openssl", ".txt");
    var command = new java.util.ArrayList<String>(List.of("openssl"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return Files.readString(output);
  }
}
