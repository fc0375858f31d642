"""What any API made with Django REST Framework here shares: bodies in, answers and errors out, the OpenAPI document.

An app's views, serializers and schema import it. It knows nothing of tasks; of the project it imports the settings and
`database`, for what an error means and for readiness. A reader starts at `REST_FRAMEWORK` in the settings, which names
each policy here; `views` are the service's own pages.
"""
