package io.whygate.gateway.ocsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whygate.faults.tls.CertificateDraft;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.KeyKind;
import io.whygate.faults.tls.KeyedCertificate;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Date;
import java.util.Optional;
import java.util.Random;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.cert.ocsp.OCSPReq;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What an answer of a responder proves, and what it does not (RFC 6960 section 3.2).
final class OcspMessagesTest {
  private static final URI RESPONDER = URI.create("http://ocsp.example/one");

  private final KeyedCertificate issuer = Certificates.authority("Issuer").selfSigned();
  private final X509Certificate leaf = leafOf(issuer);
  private final OcspMessages messages = new OcspMessages(leaf, issuer.certificate());
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

  private static X509Certificate leafOf(KeyedCertificate issuer) {
    return Certificates.leaf("a.test").responderAt(RESPONDER).issuedBy(issuer).certificate();
  }

  private CertificateDraft delegate() {
    return Certificates.leaf("responder").usages(CertificateDraft.OCSP_SIGNING);
  }

  private void rejects(byte[] answer, String because) {
    assertThatThrownBy(() -> messages.read(answer, Instant.now()))
        .isInstanceOf(OcspException.class)
        .hasMessageContaining(because);
  }

  private Optional<URI> responderAt(String address) {
    return OcspMessages.responder(
        Certificates.leaf("a.test")
            .responderAt(URI.create(address))
            .issuedBy(issuer)
            .certificate());
  }

  @Test
  void theSchemeOfAnAddressMayBeInCapitals() {
    assertThat(responderAt("HTTP://ocsp.example/One"))
        .contains(URI.create("http://ocsp.example/One"));
    assertThat(responderAt("HttpS://ocsp.example/")).contains(URI.create("https://ocsp.example/"));
    assertThat(responderAt("ldap://ocsp.example/one")).isEmpty();
    assertThat(responderAt("httpx://ocsp.example/")).isEmpty();
  }

  @Test
  void aResponderIsFoundInACertificate() {
    assertThat(Extensions.hasResponder(leaf)).isTrue();
    assertThat(OcspMessages.responder(leaf)).contains(RESPONDER);
    X509Certificate other =
        Certificates.leaf("a.test")
            .issuerAt(URI.create("http://issuer.example/"))
            .issuedBy(issuer)
            .certificate();
    assertThat(Extensions.hasResponder(other)).isFalse();
    assertThat(OcspMessages.responder(other)).isEmpty();
    assertThat(
            OcspMessages.responder(
                Certificates.leaf("a.test")
                    .responderAt(URI.create("ldap://ocsp.example/"))
                    .issuedBy(issuer)
                    .certificate()))
        .isEmpty();
  }

  @Test
  void aDemandForAStapleIsFoundInACertificate() {
    assertThat(Extensions.mustStaple(leaf)).isFalse();
    assertThat(
            Extensions.mustStaple(
                Certificates.leaf("a.test").mustStaple().issuedBy(issuer).certificate()))
        .isTrue();
  }

  @Test
  void theQuestionNamesTheCertificate() throws Exception {
    OCSPReq question = new OCSPReq(messages.question());
    assertThat(question.getRequestList()).hasSize(1);
    assertThat(question.getRequestList()[0].getCertID().getSerialNumber())
        .isEqualTo(leaf.getSerialNumber());
  }

  @ParameterizedTest
  @EnumSource(KeyKind.class)
  void theIssuerVouches(KeyKind kind) throws Exception {
    KeyedCertificate signing = Certificates.authority("Issuer").key(kind).selfSigned();
    X509Certificate certificate = leafOf(signing);
    byte[] response = Answers.of(signing).holding(now, now.plusSeconds(60)).about(certificate);
    OcspAnswer answer =
        new OcspMessages(certificate, signing.certificate()).read(response, Instant.now());
    assertThat(answer.revoked()).isEmpty();
    assertThat(answer.thisUpdate()).isEqualTo(now);
    assertThat(answer.until()).isEqualTo(now.plusSeconds(60));
    assertThat(answer.response()).isEqualTo(response);
  }

  @Test
  void whomTheIssuerHasMadeItsResponderVouches() throws Exception {
    byte[] response = Answers.of(issuer).signedBy(delegate().issuedBy(issuer)).about(leaf);
    assertThat(messages.read(response, Instant.now()).revoked()).isEmpty();
  }

  @Test
  void anAnswerWithoutAnEndHoldsForAnHour() throws Exception {
    OcspAnswer answer = messages.read(Answers.of(issuer).holding(now, null).about(leaf), now);
    assertThat(answer.until()).isEqualTo(now.plus(Duration.ofHours(1)));
  }

  @Test
  void aRevokedCertificateIsSaidToBe() throws Exception {
    Instant then = now.minus(Duration.ofDays(1));
    OcspAnswer answer =
        messages.read(
            Answers.of(issuer)
                .saying(new RevokedStatus(Date.from(then), CRLReason.keyCompromise))
                .about(leaf),
            Instant.now());
    assertThat(answer.revoked().orElseThrow()).contains(then.toString()).contains("keyCompromise");
  }

  @Test
  void answersThatProveNothing() throws Exception {
    Answers good = Answers.of(issuer);
    rejects(good.saying(new UnknownStatus()).about(leaf), "does not know");
    rejects(good.about(leafOf(issuer)), "about another certificate");
    rejects(
        Answers.of(Certificates.authority("Other").selfSigned()).about(leaf),
        "about another certificate");
    rejects(good.holding(now.minusSeconds(60), now.minusSeconds(1)).about(leaf), "ran out at");
    rejects(
        good.holding(now.plus(Duration.ofHours(1)), now.plus(Duration.ofHours(2))).about(leaf),
        "holds from");
    rejects(new OCSPRespBuilder().build(OCSPRespBuilder.TRY_LATER, null).getEncoded(), "tryLater");
    rejects(
        new OCSPRespBuilder().build(OCSPRespBuilder.UNAUTHORIZED, null).getEncoded(),
        "unauthorized");
    rejects("<html>sign in to this network</html>".getBytes(), "cannot be read");
    rejects(new byte[0], "cannot be read");
  }

  @Test
  void signersWhoMayNotSign() {
    Answers good = Answers.of(issuer);
    rejects(
        good.signedBy(Certificates.leaf("responder").issuedBy(issuer)).about(leaf), "OCSPSigning");
    rejects(good.signedBy(delegate().selfSigned()).about(leaf), "not made by");
    rejects(
        good.signedBy(delegate().issuedBy(Certificates.authority("Issuer").selfSigned()))
            .about(leaf),
        "not made by");
    rejects(
        good.signedBy(delegate().expiredFor(Duration.ofDays(1)).issuedBy(issuer)).about(leaf),
        "not valid now");
    // A stranger's signature under the issuer's name.
    KeyedCertificate stranger = Certificates.authority("Stranger").selfSigned();
    rejects(
        good.signedBy(new KeyedCertificate(stranger.key(), issuer.chain())).about(leaf),
        "signature is wrong");
  }

  @Test
  void aDamagedAnswerIsRejectedWhereverItIsDamaged() {
    byte[] good = Answers.of(issuer).signedBy(delegate().issuedBy(issuer)).about(leaf);
    Random random = new Random(7);
    for (int i = 0; i < 300; i++) {
      byte[] bad = good.clone();
      bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        // Where a tolerant reader takes it still, it may say nothing else than before.
        OcspAnswer answer = messages.read(bad, Instant.now());
        assertThat(answer.revoked()).isEmpty();
        assertThat(answer.until()).isBefore(Instant.now().plus(Duration.ofHours(2)));
      } catch (OcspException _) {
        // As it should be.
      }
      byte[] cut = Arrays.copyOf(good, random.nextInt(good.length));
      assertThatThrownBy(() -> messages.read(cut, Instant.now())).isInstanceOf(OcspException.class);
    }
  }
}
