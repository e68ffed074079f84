package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.Place;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.Test;

/// An incident reaches a real mail server and a real Alertmanager, and so does its end.
@Needs({"nginx", "openssl", "prometheus-alertmanager", "amtool", "aiosmtpd"})
class NotificationsTest {
  private static final String MAIL_SERVER =
      """
      import ssl, sys, time
      from aiosmtpd.controller import Controller
      from aiosmtpd.smtp import AuthResult

      class Mailbox:
          async def handle_DATA(self, server, session, envelope):
              print('LETTER', envelope.mail_from, ','.join(envelope.rcpt_tos),
                    session.ssl is not None, session.auth_data, flush=True)
              print(envelope.content.decode(), flush=True)
              print('END', flush=True)
              return '250 OK'

      def check(server, session, envelope, mechanism, data):
          right = data.login == b'whygate' and data.password == b'letmein'
          return AuthResult(success=right, handled=False, auth_data=data.login.decode() if right else None)

      context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
      context.load_cert_chain('cert.pem', 'key.pem')
      Controller(Mailbox(), hostname='127.0.0.1', port=int(sys.argv[1]), tls_context=context,
                 require_starttls=True, auth_required=True, authenticator=check).start()
      print('READY', flush=True)
      time.sleep(600)
      """;

  private static String letter(LabProcess mail) {
    String output = mail.output();
    String last = output.substring(output.lastIndexOf("LETTER"));
    String encoded =
        last.substring(
            last.indexOf("\r\n\r\n") < 0 ? last.indexOf("\n\n") : last.indexOf("\r\n\r\n"),
            last.indexOf("END"));
    return last
        + new String(Base64.getMimeDecoder().decode(encoded.strip()), StandardCharsets.UTF_8);
  }

  @Test
  void tellsByMailAndToAnAlertmanagerThatAServerFailedAndThatItIsBack() throws Exception {
    int mailPort = Place.HERE.freePort();
    int alertPort = Place.HERE.freePort();
    String alerts = "http://127.0.0.1:" + alertPort;
    try (Folder root = Folder.create("notify")) {
      root.write("index.html", "hello");
      root.write("mail.py", MAIL_SERVER);
      root.write("alertmanager.yml", "route: { receiver: none }\nreceivers: [ { name: none } ]\n");
      root.selfSigned("IP:127.0.0.1", "key.pem", "cert.pem");
      try (LabProcess mail =
              LabProcess.start(
                      Place.HERE, root.path(), "/usr/bin/python3", "mail.py", "" + mailPort)
                  .awaitOutput("READY");
          LabProcess manager =
              LabProcess.start(
                      Place.HERE,
                      root.path(),
                      "prometheus-alertmanager",
                      "--config.file=alertmanager.yml",
                      "--storage.path=alerts",
                      "--cluster.listen-address=",
                      "--web.listen-address=127.0.0.1:" + alertPort)
                  .awaitPort(Place.HERE, alertPort);
          Nginx nginx = Nginx.serving(Place.HERE, root.path(), "");
          GatewayProcess gateway =
              GatewayProcess.start(
                  """
                  %1$s
                  notifications {
                    gather = 100ms, at-most-every = 0s, back-off = 100ms
                    channels = [
                      { name = mail, type = email, server = "127.0.0.1:%2$d", username = whygate, password = letmein
                        trusted-certificates = "%3$s", from = "whygate@example.com", to = ["ops@example.com"] }
                      { name = alerts, type = alertmanager, url = "%4$s", labels { team = web } }
                      { name = wrong, type = email, server = "127.0.0.1:%2$d", username = whygate, password = wrong
                        trusted-certificates = "%3$s", from = "whygate@example.com", to = ["ops@example.com"] }
                    ]
                  }
                  """
                      .formatted(
                          GatewayProcess.oneSite(nginx.uri(), ""),
                          mailPort,
                          root.path().resolve("cert.pem"),
                          alerts))) {
        assertThat(manager.isRunning()).isTrue();
        nginx.stop();
        assertThat(gateway.get("/").statusCode()).isEqualTo(502);
        Await.until(
            "a letter", Duration.ofSeconds(20), () -> mail.output().contains("END"), mail::output);
        assertThat(letter(mail))
            .contains("LETTER whygate@example.com ops@example.com True whygate")
            .contains("Subject: =?UTF-8?B?W3doeWdhdGVd", "Auto-Submitted: auto-generated")
            .contains("site is broken: The site")
            .contains("Cause:    server.port-closed", "What to do");
        awaitAlert(root, alerts, "active", gateway);
        Await.until(
            "the wrong password is told",
            Duration.ofSeconds(20),
            () -> {
              var channels =
                  JsonParser.parseString(gateway.admin("/api/notifications").body())
                      .getAsJsonObject()
                      .getAsJsonArray("channels");
              return channels.get(2).getAsJsonObject().get("failing").getAsBoolean()
                  && channels.get(2).toString().contains("535");
            },
            gateway::warnings);
        assertThat(gateway.admin("/metrics").body())
            .contains("whygate_notifications_total{channel=\"wrong\",result=\"failed\"} 1.0");
        assertThat(gateway.admin("/api/config").body()).doesNotContain("letmein");

        nginx.start();
        Await.until(
            "a second letter",
            Duration.ofSeconds(30),
            () -> mail.output().split("END\\n", -1).length > 2,
            gateway::warnings);
        assertThat(letter(mail)).contains("site works again after");
        awaitAlert(root, alerts, "", gateway);
      }
    }
  }

  /// @param state `active`, or empty for no alert
  private static void awaitAlert(
      Folder folder, String alerts, String state, GatewayProcess gateway) {
    Await.until(
        "the alert is " + state,
        Duration.ofSeconds(20),
        () -> {
          String found =
              LabProcess.run(
                  Place.HERE,
                  folder.path(),
                  "amtool",
                  "--alertmanager.url=" + alerts,
                  "alert",
                  "query",
                  "-o",
                  "json",
                  "alertname=WhygateIncident",
                  "team=web",
                  "upstream=site",
                  "cause=server.port-closed");
          return state.isEmpty() ? found.strip().equals("[]") : found.contains("\"" + state + "\"");
        },
        gateway::warnings);
  }
}
