package io.whygate.gateway.connection.dial;

import io.netty.channel.unix.Errors.NativeIoException;
import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.net.SocketException;
import org.jspecify.annotations.Nullable;

/// Linux's error numbers, and which one an exception stands for.
final class Errno {
  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int EAGAIN = 11;
  static final int EACCES = 13;
  static final int ENFILE = 23;
  static final int EMFILE = 24;
  static final int EPIPE = 32;
  static final int ENONET = 64;
  static final int EPROTO = 71;
  static final int ENOPROTOOPT = 92;
  static final int EOPNOTSUPP = 95;
  static final int EADDRNOTAVAIL = 99;
  static final int ENETUNREACH = 101;
  static final int ECONNABORTED = 103;
  static final int ECONNRESET = 104;
  static final int ETIMEDOUT = 110;
  static final int ECONNREFUSED = 111;
  static final int EHOSTDOWN = 112;
  static final int EHOSTUNREACH = 113;

  private static final String MARK = "failed with error(";

  private Errno() {}

  /// The error number that an exception from a transport stands for; 0 where it does not say.
  ///
  /// A failed connect comes as a plain [ConnectException] in whose text Netty puts the number in a
  /// fixed form, `failed with error(-111)`; nothing else of the text is read.
  static int of(Throwable cause) {
    return switch (cause) {
      case NativeIoException error -> Math.abs(error.expectedErr());
      case FileNotFoundException _ -> ENOENT;
      case ConnectException error when marked(error.getMessage()) != 0 ->
          marked(error.getMessage());
      case SocketException error -> told(error.getMessage());
      default -> 0;
    };
  }

  /// The number behind the system's words in an exception of the JDK's own transport, which keeps
  /// nothing else; 0 where they are others, as in another language.
  private static int told(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    int colon = text.indexOf(':');
    return switch (colon < 0 ? text : text.substring(0, colon)) {
      case "Operation not permitted" -> EPERM;
      case "Permission denied" -> EACCES;
      case "Cannot assign requested address" -> EADDRNOTAVAIL;
      case "Network is unreachable" -> ENETUNREACH;
      case "No such file or directory" -> ENOENT;
      case "Too many open files" -> EMFILE;
      case "Too many open files in system" -> ENFILE;
      case "Connection timed out" -> ETIMEDOUT;
      case "Connection reset", "Connection reset by peer" -> ECONNRESET;
      default -> 0;
    };
  }

  private static int marked(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    int at = text.indexOf(MARK);
    if (at < 0) {
      return 0;
    }
    int number = 0;
    for (int i = at + MARK.length(); i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= '0' && c <= '9') {
        number = number * 10 + (c - '0');
      } else if (c != '-') {
        break;
      }
    }
    return number;
  }
}
