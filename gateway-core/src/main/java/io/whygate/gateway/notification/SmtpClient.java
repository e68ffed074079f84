package io.whygate.gateway.notification;

import io.whygate.gateway.config.NotificationSettings.MailServer;
import io.whygate.gateway.config.NotificationSettings.Security;
import io.whygate.gateway.notification.Delivery.RefusedException;
import io.whygate.gateway.trust.Trust;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/// Hands a letter to a mail server (RFC 5321), over TLS unless told otherwise, with AUTH PLAIN or
/// LOGIN (RFC 4954). A connection a letter: they are few.
final class SmtpClient {
  private static final int LONGEST_LINE = 2048;
  private static final int MOST_LINES = 100;

  private final MailServer server;
  private final int timeoutMillis;
  private final Trust trust;

  SmtpClient(MailServer server, Duration timeout, Trust trust) {
    this.server = server;
    this.trust = trust;
    this.timeoutMillis = (int) timeout.toMillis();
  }

  /// @param letter with CRLF line ends
  /// @throws IOException where it may be taken later (a 4xx, no answer)
  /// @throws RefusedException where it will not be (a 5xx, no TLS, a wrong password)
  void send(String from, List<String> to, String letter) throws IOException, RefusedException {
    try (Socket plain = new Socket()) {
      plain.connect(new InetSocketAddress(server.host(), server.port()), timeoutMillis);
      plain.setSoTimeout(timeoutMillis);
      Dialogue dialogue = new Dialogue(server.security() == Security.TLS ? secured(plain) : plain);
      dialogue.expect("220");
      List<String> offers = dialogue.hello();
      if (server.security() == Security.STARTTLS) {
        if (!offers.contains("STARTTLS")) {
          throw new RefusedException("the mail server offers no STARTTLS (setting: security)");
        }
        dialogue.ask("STARTTLS", "220");
        // What came in the clear is thrown away with the reader that held it (RFC 3207 section 6).
        dialogue = new Dialogue(secured(plain));
        offers = dialogue.hello();
      }
      if (!server.username().isEmpty()) {
        authenticate(dialogue, offers);
      }
      dialogue.ask("MAIL FROM:<" + from + ">", "250");
      for (String each : to) {
        dialogue.ask("RCPT TO:<" + each + ">", "25");
      }
      dialogue.ask("DATA", "354");
      dialogue.write(letter.replace("\r\n.", "\r\n..") + ".\r\n");
      dialogue.expect("250");
      dialogue.write("QUIT\r\n");
    }
  }

  private SSLSocket secured(Socket plain) throws IOException {
    SSLSocket secured =
        (SSLSocket)
            trust
                .context()
                .getSocketFactory()
                .createSocket(plain, server.host(), server.port(), true);
    SSLParameters parameters = secured.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    secured.setSSLParameters(parameters);
    secured.startHandshake();
    return secured;
  }

  private void authenticate(Dialogue dialogue, List<String> offers)
      throws IOException, RefusedException {
    String ways =
        offers.stream().filter(each -> each.startsWith("AUTH ")).findFirst().orElse("AUTH");
    if (ways.contains(" PLAIN")) {
      dialogue.ask(
          "AUTH PLAIN " + base64("\0" + server.username() + "\0" + server.password()), "235");
    } else if (ways.contains(" LOGIN")) {
      dialogue.ask("AUTH LOGIN", "334");
      dialogue.ask(base64(server.username()), "334");
      dialogue.ask(base64(server.password()), "235");
    } else {
      throw new RefusedException("the mail server offers neither AUTH PLAIN nor LOGIN");
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Commands and replies on one connection.
  private static final class Dialogue {
    private final BufferedReader in;
    private final OutputStream out;
    private final String self;

    Dialogue(Socket socket) throws IOException {
      in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      out = socket.getOutputStream();
      String address = socket.getLocalAddress().getHostAddress();
      self = address.indexOf(':') >= 0 ? "[IPv6:" + address + "]" : "[" + address + "]";
    }

    /// Greets; gives what the server offers, in upper case.
    List<String> hello() throws IOException, RefusedException {
      write("EHLO " + self + "\r\n");
      List<String> offers = new ArrayList<>();
      for (String line : expect("250")) {
        offers.add(line.toUpperCase(Locale.ROOT));
      }
      return offers;
    }

    List<String> ask(String command, String expected) throws IOException, RefusedException {
      write(command + "\r\n");
      return expect(expected);
    }

    void write(String text) throws IOException {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    }

    /// Reads a reply of one line or several; gives what stands after the codes.
    List<String> expect(String expected) throws IOException, RefusedException {
      List<String> texts = new ArrayList<>();
      while (true) {
        String line = line();
        if (line.length() < 3 || texts.size() > MOST_LINES) {
          throw new RefusedException("the mail server does not speak SMTP");
        }
        texts.add(line.length() > 4 ? line.substring(4) : "");
        if (line.length() > 3 && line.charAt(3) == '-') {
          continue;
        }
        if (line.startsWith(expected)) {
          return texts;
        }
        String said = "the mail server said " + line;
        if (line.charAt(0) == '5') {
          throw new RefusedException(said);
        }
        throw new IOException(said);
      }
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int each = in.read(); each != '\n'; each = in.read()) {
        if (each < 0) {
          throw new IOException("the mail server closed the connection");
        }
        if (each != '\r') {
          line.append((char) each);
        }
        if (line.length() > LONGEST_LINE) {
          throw new IOException("the mail server sent a line without end");
        }
      }
      return line.toString();
    }
  }
}
