package io.whygate.diagnostics.probe.log.catalogue;

import static io.whygate.diagnostics.probe.Finding.LogsRead.Reach.SERVER;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.DATABASE_UNAVAILABLE;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.DISK_FULL;

import java.util.List;

/// Databases that cannot be reached, as their clients say it, and as they say it themselves.
///
/// A refused password in a database's own log is no sign: strangers try passwords everywhere. In an
/// application's log it is one.
final class DatabasePatterns {
  static final List<LogPattern> ALL =
      List.of(
          LogPattern.of(DISK_FULL, SERVER, "The table '[^']+' is full").surely(0.7),
          // Clients of MySQL and MariaDB.
          unavailable("MySQL server has gone away|Lost connection to (MySQL |)server"),
          unavailable("Can't connect to (local )?(MySQL|MariaDB|server)"),
          unavailable(
              "SQLSTATE\\[HY000\\] \\[(1040|1045|1049|1203|1226|2002|2003|2005|2006|2013)\\]"),
          unavailable(
              "mysqli?[:_a-z]*(real_)?connect\\(\\).*(refused|No such file|gone away|Too many"
                  + " connections|Access denied|timed out|unreachable|getaddrinfo)"),
          unavailable(
              "mysqli_sql_exception: .*(refused|No such file|gone away|Too many"
                  + " connections|Access denied|timed out)"),
          unavailable(
              "Error establishing a (database|Redis) connection|\\bToo many connections\\b"),
          unavailable(
              "RedisException: .*(refused|went away|timed out|getaddrinfo)"
                  + "|redis\\.exceptions\\.(Connection|Timeout)Error"),
          unavailable("PROTOCOL_CONNECTION_LOST|ER_CON_COUNT_ERROR|Mysql2::Error::ConnectionError"),
          unavailable(
              "Communications link failure|Unable to connect to any of the specified MySQL"),
          // Clients of PostgreSQL.
          unavailable("could not connect to server: |connection to server (at|on) .* failed: "),
          unavailable(
              "SQLSTATE\\[0800[0-9]\\]|PG::ConnectionBad|server closed the connection unexp"),
          unavailable("Connection to \\S+ refused\\. Check that the hostname and port are correct"),
          unavailable("NpgsqlException.*(Failed to connect|Exception while connecting)"),
          unavailable(
              "FATAL: +(sorry, too many clients|remaining connection slots|the database system is"
                  + " (starting|shutting|in recovery|not (yet )?accepting))"),
          // Of any, by their libraries.
          unavailable("OperationalError: .*(connect|gone away|refused|too many|timeout expired)"),
          unavailable(
              "ActiveRecord::(ConnectionNotEstablished|DatabaseConnectionError|ConnectionTi)"),
          unavailable("ECONNREFUSED\\b.*:(3306|5432|1433|27017|6379)\\b"),
          unavailable("MongoNetworkError|MongoServerSelectionError|SequelizeConnection\\w*Error"),
          unavailable("HikariPool-\\d+ - Connection is not available, request timed out"),
          unavailable(
              "Unable to acquire JDBC Connection|Could not open JDBC Connection|"
                  + "CannotGetJdbcConnectionException"),
          unavailable("error occurred while establishing a connection to SQL Server"),
          // The databases themselves.
          unavailable("(mysqld|mariadbd)( \\(.*\\))?: (Normal shutdown|Shutdown complete)"),
          unavailable("Received SHUTDOWN from user|(mysqld|mariadbd) got signal (4|6|7|8|11) "),
          unavailable(
              "\\[ERROR\\] (\\[[^\\]]*\\] )*(Aborting|Can't start server|.*Do you already"
                  + " have another (mysqld|mariadbd))"),
          unavailable(
              "LOG: +(received (fast|smart|immediate) shutdown request|database system is"
                  + " shut down|terminating any other active server processes)"),
          unavailable(
              "LOG: +server process \\(PID \\d+\\) was terminated by signal (4|6|7|8|9|11)"));

  private DatabasePatterns() {}

  private static LogPattern unavailable(String regex) {
    return LogPattern.of(DATABASE_UNAVAILABLE, SERVER, regex);
  }
}
