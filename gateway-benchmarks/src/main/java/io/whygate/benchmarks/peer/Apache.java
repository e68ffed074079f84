package io.whygate.benchmarks.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Apache with its event module, one process.
public final class Apache implements Peer {
  @Override
  public String name() {
    return "apache";
  }

  @Override
  public String debianPackage() {
    return "apache2-bin";
  }

  @Override
  public List<String> versionCommand() {
    return List.of("apache2", "-v");
  }

  @Override
  public List<String> prepare(Site site) throws IOException {
    StringBuilder modules = new StringBuilder();
    for (String module :
        List.of("mpm_event", "authz_core", "proxy", "proxy_http", "ssl", "http2")) {
      modules
          .append("LoadModule ")
          .append(module)
          .append("_module /usr/lib/apache2/modules/mod_")
          .append(module)
          .append(".so\n");
    }
    Path file = site.folder().resolve("apache2.conf");
    Files.writeString(
        file,
        modules
            + """
            ServerRoot %1$s
            ServerName localhost
            PidFile apache2.pid
            DefaultRuntimeDir %1$s
            ErrorLog error.log
            LogLevel crit
            LogFormat "%%h %%l %%u %%t \\"%%r\\" %%>s %%b" common
            CustomLog access.log common
            BufferedLogs On
            Listen 127.0.0.1:%2$d
            Listen 127.0.0.1:%3$d https
            StartServers 1
            ServerLimit 1
            ThreadLimit 512
            ThreadsPerChild 512
            MaxRequestWorkers 512
            AsyncRequestWorkerFactor 8
            KeepAlive On
            MaxKeepAliveRequests 0
            KeepAliveTimeout 300
            LimitRequestFieldSize 65536
            SSLSessionCache none
            SSLProtocol -all +TLSv1.2 +TLSv1.3
            <Proxy http://127.0.0.1:%4$d>
              ProxySet keepalive=On enablereuse=On max=512
            </Proxy>
            ProxyPass /dead http://127.0.0.1:%5$d retry=0
            ProxyPass / http://127.0.0.1:%4$d/
            <VirtualHost 127.0.0.1:%3$d>
              Protocols h2 http/1.1
              SSLEngine On
              SSLCertificateFile %6$s
              SSLCertificateKeyFile %7$s
              ProxyPass /dead http://127.0.0.1:%5$d retry=0
              ProxyPass / http://127.0.0.1:%4$d/
            </VirtualHost>
            <VirtualHost 127.0.0.1:%2$d>
              ProxyPass /dead http://127.0.0.1:%5$d retry=0
              ProxyPass / http://127.0.0.1:%4$d/
            </VirtualHost>
            """
                .formatted(
                    site.folder(),
                    site.port(),
                    site.tlsPort(),
                    site.origin(),
                    site.dead(),
                    site.certificate(),
                    site.key()));
    return List.of("apache2", "-DFOREGROUND", "-f", file.toString());
  }
}
