import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes a document as Gson sends it and as Jackson writes that again, which is what the client for Java hashes. One document a line
 * in and out. With the argument "plain" without the escapes for HTML, as for a card.
 */
public final class Write {
  public static void main(String[] arguments) throws Exception {
    Gson gson = arguments.length > 0 ? new GsonBuilder().disableHtmlEscaping().create() : new Gson();
    ObjectMapper jackson = new ObjectMapper();
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    // U+2028 ends no line here: BufferedReader knows only CR and LF.
    for (String line; (line = in.readLine()) != null; ) {
      JsonElement document = JsonParser.parseString(line);
      String sent = gson.toJson(document);
      out.println(jackson.writeValueAsString(List.of(sent, jackson.readTree(sent).toString())));
    }
  }
}
