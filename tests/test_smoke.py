import urllib.request
def test_x(api):
    assert api.tasks() == []
    t=api.create(title="x")
    assert api.tasks() == [t]
def test_live(service):
    assert urllib.request.urlopen(service.url+"/health").status==200
