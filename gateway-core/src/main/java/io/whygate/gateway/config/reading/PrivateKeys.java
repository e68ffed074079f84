package io.whygate.gateway.config.reading;

import io.whygate.gateway.config.Pem;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Makes keys of the forms that OpenSSL writes: PKCS#8, PKCS#1 (RSA) and SEC 1 (EC).
final class PrivateKeys {
  private static final List<String> ALGORITHMS = List.of("RSA", "EdDSA", "RSASSA-PSS");
  private static final byte[] RSA_ALGORITHM = {
    0x30,
    0x0d,
    0x06,
    0x09,
    0x2a,
    (byte) 0x86,
    0x48,
    (byte) 0x86,
    (byte) 0xf7,
    0x0d,
    0x01,
    0x01,
    0x01,
    0x05,
    0x00
  };
  private static final byte[] EC_PUBLIC_KEY = {
    0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01
  };
  private static final byte[] VERSION_0 = {0x02, 0x01, 0x00};

  private PrivateKeys() {}

  static boolean isKey(Pem block) {
    return block.label().endsWith("PRIVATE KEY");
  }

  /// The key of a block.
  ///
  /// @param parameters the curve from an `EC PARAMETERS` block; empty where there is none
  static PrivateKey read(Pem block, byte[] parameters) throws GeneralSecurityException {
    byte[] pkcs8 =
        switch (block.label()) {
          case "PRIVATE KEY" -> block.der();
          case "RSA PRIVATE KEY" -> der(0x30, VERSION_0, RSA_ALGORITHM, der(0x04, block.der()));
          case "EC PRIVATE KEY" ->
              der(
                  0x30,
                  VERSION_0,
                  der(0x30, EC_PUBLIC_KEY, curve(block.der()).orElse(parameters)),
                  der(0x04, block.der()));
          default -> throw new InvalidKeySpecException(block.label() + " is not a known form");
        };
    InvalidKeySpecException failure = new InvalidKeySpecException("not a key of a known kind");
    for (String algorithm : isElliptic(pkcs8) ? List.of("EC") : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (InvalidKeySpecException wrongKind) {
        failure.addSuppressed(wrongKind);
      }
    }
    throw failure;
  }

  /// Whether the two halves belong together.
  static boolean fits(PrivateKey key, PublicKey publicKey) {
    if (key instanceof RSAPrivateKey own && publicKey instanceof RSAPublicKey other) {
      return own.getModulus().equals(other.getModulus());
    }
    if (holdsPoint(key, publicKey)) {
      return true;
    }
    try {
      String algorithm = key.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "EdDSA";
      byte[] sample = BigInteger.TEN.toByteArray();
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(sample);
      byte[] signature = signer.sign();
      signer.initVerify(publicKey);
      signer.update(sample);
      return signer.verify(signature);
    } catch (InvalidKeyException _) {
      return false;
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  /// Whether a PKCS#8 key (RFC 5958) is of an elliptic curve.
  private static boolean isElliptic(byte[] pkcs8) {
    return element(pkcs8, 0x30)
        .map(algorithm -> Arrays.mismatch(algorithm, EC_PUBLIC_KEY) == EC_PUBLIC_KEY.length)
        .orElse(false);
  }

  /// Whether the file of an elliptic key names the point that is its public half, as OpenSSL's do,
  /// and it is this one. To sign and verify would tell as well, at the price of a tenth of a start.
  private static boolean holdsPoint(PrivateKey key, PublicKey publicKey) {
    if (!(publicKey instanceof ECPublicKey other) || !key.getAlgorithm().equals("EC")) {
      return false;
    }
    return element(key.getEncoded(), 0x04)
        .flatMap(sec1 -> element(sec1, 0xa1))
        .filter(point -> {
          byte[] whole = other.getEncoded();
          int from = whole.length - point.length;
          return point.length > 1
              && from > 0
              && Arrays.equals(whole, from, whole.length, point, 0, point.length);
        })
        .isPresent();
  }

  /// The curve that a SEC 1 key names: its element tagged `[0]`.
  private static Optional<byte[]> curve(byte[] sec1) {
    return element(sec1, 0xa0);
  }

  /// The content of the first element with a tag among those of a sequence.
  private static Optional<byte[]> element(byte[] sequence, int tag) {
    int at = contentStart(sequence, 0);
    while (at > 0 && at + 1 < sequence.length) {
      int start = contentStart(sequence, at);
      int end = start + contentLength(sequence, at);
      if (start < 0 || end > sequence.length || end <= at) {
        return Optional.empty();
      }
      if ((sequence[at] & 0xff) == tag) {
        return Optional.of(Arrays.copyOfRange(sequence, start, end));
      }
      at = end;
    }
    return Optional.empty();
  }

  private static int contentStart(byte[] der, int at) {
    if (at + 1 >= der.length) {
      return -1;
    }
    int first = der[at + 1] & 0xff;
    return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
  }

  private static int contentLength(byte[] der, int at) {
    int first = der[at + 1] & 0xff;
    if (first < 0x80) {
      return first;
    }
    int length = 0;
    for (int i = 0; i < (first & 0x7f) && at + 2 + i < der.length; i++) {
      length = (length << 8) | (der[at + 2 + i] & 0xff);
    }
    return length;
  }

  private static byte[] der(int tag, byte[]... parts) {
    int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
    ByteArrayOutputStream out = new ByteArrayOutputStream(length + 6);
    out.write(tag);
    if (length < 0x80) {
      out.write(length);
    } else {
      byte[] bytes = BigInteger.valueOf(length).toByteArray();
      int skip = bytes[0] == 0 ? 1 : 0;
      out.write(0x80 | (bytes.length - skip));
      out.write(bytes, skip, bytes.length - skip);
    }
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
