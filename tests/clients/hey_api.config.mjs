export default {
  input: "openapi.json",
  output: { path: "hey_api", importFileExtension: ".js" },
  plugins: ["@hey-api/client-fetch", "@hey-api/typescript", "@hey-api/sdk"],
};
