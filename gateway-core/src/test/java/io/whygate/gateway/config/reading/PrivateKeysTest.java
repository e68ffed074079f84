package io.whygate.gateway.config.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.gateway.config.Pem;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/// Elliptic keys as OpenSSL writes them, made for this test.
class PrivateKeysTest {
  private static final String KEY =
      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQOFosjmfldnYdiyz6QQGWqwdlJT1ZZaGDuSpwUAEnYyh"
          + "RANCAATtYAQO4CYAt9FcyB1tn9YthG7npFdwe+ZeUb/VwXZJlTo+hWgo1ZYWGM01RLBuNZSBJqeNL6X6fv14yaGBH7Q+";
  private static final String PUBLIC_HALF =
      "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7WAEDuAmALfRXMgdbZ/WLYRu56RXcHvmXlG/1cF2SZU6PoVoKNWW"
          + "FhjNNUSwbjWUgSanjS+l+n79eMmhgR+0Pg==";
  private static final String ANOTHER =
      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxI2RBlfwSDZg0MqoKi594T7x0JS2yU7fshbJDRLZri+h"
          + "RANCAASr/s7ygnziJ3ySu+iC8b+DkkQh9K7FlBpqFYlEqK1lQmIoDwqDzhGfd59nU1jAl30UMaHC/fsg0WMsHRFSAIzg";

  private static PrivateKey key(String base64) throws GeneralSecurityException {
    return PrivateKeys.read(new Pem("PRIVATE KEY", false, base64), new byte[0]);
  }

  private static PublicKey publicHalf() throws GeneralSecurityException {
    return KeyFactory.getInstance("EC")
        .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(PUBLIC_HALF)));
  }

  @Test
  void aKeyFitsByThePointThatItsFileNames() throws Exception {
    assertThat(PrivateKeys.fits(key(KEY), publicHalf())).isTrue();
  }

  @Test
  void aKeyWhoseFileNamesNoPointFitsByWhatItSigns() throws Exception {
    ECPrivateKey whole = (ECPrivateKey) key(KEY);
    PrivateKey alone =
        KeyFactory.getInstance("EC")
            .generatePrivate(new ECPrivateKeySpec(whole.getS(), whole.getParams()));

    assertThat(alone.getEncoded()).hasSizeLessThan(whole.getEncoded().length);
    assertThat(PrivateKeys.fits(alone, publicHalf())).isTrue();
  }

  @Test
  void anotherKeyOfTheSameCurveDoesNotFit() throws Exception {
    assertThat(PrivateKeys.fits(key(ANOTHER), publicHalf())).isFalse();
  }
}
