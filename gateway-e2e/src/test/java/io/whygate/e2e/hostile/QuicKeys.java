package io.whygate.e2e.hostile;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// What protects packets with short headers of one side of a connection (RFC 9001 section 5), by
/// AES-128 and SHA-256. For one thread.
final class QuicKeys {
  private static final int TAG = 16;
  private static final int SAMPLE = 16;
  private static final int NUMBER = 4;

  private final SecretKeySpec key;
  private final byte[] iv;
  private final Cipher content = Cipher.getInstance("AES/GCM/NoPadding");
  private final Cipher header = Cipher.getInstance("AES/ECB/NoPadding");

  QuicKeys(byte[] secret) throws GeneralSecurityException {
    key = new SecretKeySpec(expand(secret, "quic key", 16), "AES");
    iv = expand(secret, "quic iv", 12);
    header.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(expand(secret, "quic hp", 16), "AES"));
  }

  private static byte[] expand(byte[] secret, String label, int length)
      throws GeneralSecurityException {
    byte[] full = ("tls13 " + label).getBytes(US_ASCII);
    byte[] about =
        ByteBuffer.allocate(4 + full.length)
            .putShort((short) length)
            .put((byte) full.length)
            .put(full)
            .put((byte) 0)
            .array();
    return KDF.getInstance("HKDF-SHA256")
        .deriveData(
            HKDFParameterSpec.expandOnly(new SecretKeySpec(secret, "Generic"), about, length));
  }

  private Cipher cipher(int mode, long number) throws GeneralSecurityException {
    byte[] nonce = iv.clone();
    for (int i = 0; i < Long.BYTES; i++) {
      nonce[nonce.length - 1 - i] ^= (byte) (number >> (8 * i));
    }
    content.init(mode, key, new GCMParameterSpec(8 * TAG, nonce));
    return content;
  }

  /// A packet with these frames.
  byte[] seal(byte[] connection, long number, byte[] frames) throws GeneralSecurityException {
    ByteBuffer packet = ByteBuffer.allocate(1 + connection.length + NUMBER + frames.length + TAG);
    packet.put((byte) 0x43).put(connection).putInt((int) number);
    Cipher cipher = cipher(Cipher.ENCRYPT_MODE, number);
    cipher.updateAAD(packet.array(), 0, packet.position());
    cipher.doFinal(frames, 0, frames.length, packet.array(), packet.position());
    byte[] all = packet.array();
    int at = 1 + connection.length;
    byte[] mask = mask(all, at);
    all[0] ^= (byte) (mask[0] & 0x1f);
    for (int i = 0; i < NUMBER; i++) {
      all[at + i] ^= mask[1 + i];
    }
    return all;
  }

  private byte[] mask(byte[] packet, int numberAt) throws GeneralSecurityException {
    return header.doFinal(packet, numberAt + NUMBER, SAMPLE);
  }

  /// What is in a packet.
  record Opened(long number, byte[] frames) {}

  /// Opens a packet whose number is near to the one that is expected.
  Opened open(byte[] packet, int connectionLength, long expected) throws GeneralSecurityException {
    int at = 1 + connectionLength;
    byte[] mask = mask(packet, at);
    packet[0] ^= (byte) (mask[0] & 0x1f);
    int length = (packet[0] & 3) + 1;
    long truncated = 0;
    for (int i = 0; i < length; i++) {
      packet[at + i] ^= mask[1 + i];
      truncated = truncated << 8 | Byte.toUnsignedLong(packet[at + i]);
    }
    long window = 1L << (8 * length);
    long number = (expected & -window) | truncated;
    if (number <= expected - window / 2) {
      number += window;
    } else if (number > expected + window / 2 && number >= window) {
      number -= window;
    }
    Cipher cipher = cipher(Cipher.DECRYPT_MODE, number);
    cipher.updateAAD(packet, 0, at + length);
    return new Opened(number, cipher.doFinal(packet, at + length, packet.length - at - length));
  }
}
