import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;
import shadow.se.bjurr.violations.lib.ViolationsLogger;
import shadow.se.bjurr.violations.lib.model.Violation;
import shadow.se.bjurr.violations.lib.parsers.SarifParser;

/** Prints what the parser of Jenkins' Warnings plugin reads from a SARIF file, one issue a line, tabs between fields. */
class DumpSarif {
  public static void main(String[] files) throws Exception {
    for (Violation issue : new SarifParser().parseReportOutput(Files.readString(Path.of(files[0])), new Log())) {
      String message = issue.getMessage().replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t");
      System.out.println(String.join("\t", issue.getSeverity().name(), issue.getRule(), issue.getFile(),
          String.valueOf(issue.getStartLine()), issue.getReporter(), message));
    }
  }

  static class Log implements ViolationsLogger {
    public void log(Level level, String text) {
      System.err.println(level + " " + text);
    }

    public void log(Level level, String text, Throwable error) {
      System.err.println(level + " " + text + " " + error);
    }
  }
}
